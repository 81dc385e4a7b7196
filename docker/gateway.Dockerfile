# The gateway: the only public process. Small, because it loads no model. Of rooms that a process
# does not use the code is here all the same: the `shopdesk` command knows their errors by name.

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /app

COPY requirements/uv.txt requirements/uv.txt
RUN pip install --no-cache-dir -r requirements/uv.txt && uv venv .venv

COPY requirements/gateway.lock requirements/gateway.lock
RUN uv pip install -r requirements/gateway.lock

COPY pyproject.toml shopdesk.toml ./
COPY docker/healthcheck.py docker/start.sh docker/
COPY commerce commerce
COPY evaluation/*.py evaluation/
COPY gateway gateway
COPY generator/*.py generator/
COPY knowledge_base/*.py knowledge_base/
COPY retriever/*.py retriever/
COPY shopdesk shopdesk
COPY store store
RUN uv pip install --no-deps --editable .


FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

LABEL org.opencontainers.image.title="Shopdesk gateway" \
      org.opencontainers.image.licenses="Apache-2.0"

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHOPDESK_HOST=0.0.0.0 \
    SHOPDESK_STATE_DIR=/data

# A volume mounted on the empty folder takes over its owner.
RUN groupadd --gid 10001 shopdesk \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin shopdesk \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /app /app

WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/app/docker/healthcheck.py", "http://127.0.0.1:8000/healthz"]
ENTRYPOINT ["/bin/sh", "/app/docker/start.sh"]
CMD ["shopdesk", "serve", "gateway"]
