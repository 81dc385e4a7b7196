#!/bin/sh
# What a container does before its process starts.
set -eu
app=$(cd "$(dirname "$0")/.." && pwd)

# The state folder is a volume, while the models belong to the image: a link lets a newer image
# bring newer models to an older volume.
if [ -d "$app/models" ]; then
    ln -sfn "$app/models" "$SHOPDESK_STATE_DIR/models"
fi

case "$*" in
"shopdesk serve gateway")
    # Several gateways that start at once take turns, and all but the first find nothing to do.
    shopdesk migrate
    ;;
"shopdesk serve actions")
    # A shared index is built by one container for all: docs/index.md.
    if [ -n "${SHOPDESK_INDEX_FOLDER:-}" ]; then
        until [ -e "$SHOPDESK_INDEX_FOLDER/manifest.json" ]; do sleep 1; done
        exec "$@"
    fi
    # From the image's own index on, only what differs in the mounted knowledge base is embedded.
    if [ -d "$app/index" ] && [ ! -e "$SHOPDESK_STATE_DIR/index" ]; then
        cp -R "$app/index" "$SHOPDESK_STATE_DIR/index"
    fi
    shopdesk index build
    ;;
esac

exec "$@"
