# Rasa, the dialogue manager. Two Pythons live here: Rasa 3.6 needs 3.10, the `shopdesk` command
# that starts it needs 3.11.
#
# The dialogue model is trained when the image is built: it depends on bot/ and on the lock file
# alone, so that a container starts in seconds, and going back to an older image goes back to
# its model.

FROM python:3.10.20-slim-bookworm@sha256:ff7161e2b8e2a56fc6a62a6099ff8feb72f1a6dbae9860cdcb9a6c65cf4c6be9 AS python310


# This stage is the same as in actions.Dockerfile, line by line, so that it is built once for both.
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS encoder

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /app

COPY requirements/uv.txt requirements/uv.txt
RUN pip install --no-cache-dir -r requirements/uv.txt && uv venv .venv

# The lock file as constraints: its versions, without the packages that only tests need.
COPY pyproject.toml pyproject.toml
COPY requirements/app.lock requirements/torch.txt requirements/
RUN uv pip install --torch-backend=cpu \
    --constraint requirements/app.lock --constraint requirements/torch.txt -r pyproject.toml

COPY knowledge_base/*.py knowledge_base/
COPY retriever retriever
RUN .venv/bin/python -c "from pathlib import Path; from retriever.export import export_minilm; export_minilm(Path('models/minilm'))"


FROM encoder AS train

COPY --from=python310 /usr/local/bin/python3.10 /usr/local/bin/python3.10
COPY --from=python310 /usr/local/lib/libpython3.10.so.1.0 /usr/local/lib/libpython3.10.so.1.0
COPY --from=python310 /usr/local/lib/python3.10 /usr/local/lib/python3.10
RUN ldconfig && uv venv --python /usr/local/bin/python3.10 .venv-rasa

COPY requirements/rasa.lock requirements/rasa-without.txt requirements/
RUN uv pip install --python .venv-rasa -r requirements/rasa.lock \
    --override requirements/rasa-without.txt

COPY shopdesk.toml shopdesk.toml
COPY docker/healthcheck.py docker/start.sh docker/
COPY bot bot
COPY commerce/*.py commerce/
COPY evaluation/*.py evaluation/
COPY gateway/*.py gateway/
COPY gateway/channels/*.py gateway/channels/
COPY generator/*.py generator/
COPY shopdesk shopdesk
COPY store store
# The model goes to /app/models/rasa. The two secrets are of this step alone: with both set, none
# is made and kept in the image.
RUN uv pip install --no-deps --editable . \
    && SHOPDESK_STATE_DIR=/app SHOPDESK_INTERNAL_TOKEN=training SHOPDESK_SESSION_SECRET=training \
       .venv/bin/shopdesk train bot

# To serve the model, the `shopdesk` command needs no more than the gateway does.
COPY requirements/gateway.lock requirements/gateway.lock
RUN uv venv --clear .venv \
    && uv pip install -r requirements/gateway.lock \
    && uv pip install --no-deps --editable .


FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

LABEL org.opencontainers.image.title="Shopdesk dialogue manager" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=python310 /usr/local/bin/python3.10 /usr/local/bin/python3.10
COPY --from=python310 /usr/local/lib/libpython3.10.so.1.0 /usr/local/lib/libpython3.10.so.1.0
COPY --from=python310 /usr/local/lib/python3.10 /usr/local/lib/python3.10

# Rasa and matplotlib write small files under HOME and MPLCONFIGDIR: /tmp may be written.
ENV PATH=/app/.venv/bin:$PATH \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false \
    SHOPDESK_RASA_HOST=0.0.0.0 \
    SHOPDESK_STATE_DIR=/data

# A volume mounted on the empty folder takes over its owner.
RUN ldconfig \
    && groupadd --gid 10001 shopdesk \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin shopdesk \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=train /app /app

WORKDIR /app
USER 10001:10001
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "/app/docker/healthcheck.py", "http://127.0.0.1:5005/webhooks/shopdesk/ready"]
ENTRYPOINT ["/bin/sh", "/app/docker/start.sh"]
CMD ["shopdesk", "serve", "rasa"]
