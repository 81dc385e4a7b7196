# The action server: the one process that loads models (encoder, index, writer).
#
# The encoder and a first index are made when the image is built, so that a container needs no
# network and starts in seconds. The shop's own knowledge base is mounted and edited without a new
# image: at each start the index is brought up to date, which embeds only what has changed.

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


FROM encoder AS build

COPY shopdesk.toml shopdesk.toml
COPY docker/healthcheck.py docker/start.sh docker/
COPY actions actions
COPY commerce commerce
COPY evaluation/*.py evaluation/
COPY gateway/*.py gateway/
COPY gateway/channels/*.py gateway/channels/
COPY generator generator
COPY shopdesk shopdesk
COPY store store
RUN uv pip install --no-deps --editable .

# The index goes to /app/index; building it checks the encoder in /app/models once more.
COPY knowledge_base/content knowledge_base/content
RUN SHOPDESK_STATE_DIR=/app .venv/bin/shopdesk index build


FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

LABEL org.opencontainers.image.title="Shopdesk action server" \
      org.opencontainers.image.licenses="Apache-2.0"

ENV PATH=/app/.venv/bin:$PATH \
    HF_HUB_OFFLINE=1 \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHOPDESK_ACTIONS_HOST=0.0.0.0 \
    SHOPDESK_STATE_DIR=/data

# A volume mounted on the empty folder takes over its owner.
RUN groupadd --gid 10001 shopdesk \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin shopdesk \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /app /app

WORKDIR /app
USER 10001:10001
EXPOSE 5055
# A knowledge base unlike the image's own is embedded at the start: hence the long start period.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=3 \
    CMD ["python", "/app/docker/healthcheck.py", "http://127.0.0.1:5055/ready"]
ENTRYPOINT ["/bin/sh", "/app/docker/start.sh"]
CMD ["shopdesk", "serve", "actions"]
