# syntax=docker/dockerfile:1
# Two stages: the first builds the wheel and an environment from the hash-pinned locks, the second carries only that.
FROM python:3.13-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src

COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/alerts \
    && python -m pip install --require-hashes -r requirements-build.lock \
    && /opt/alerts/bin/python -m pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY alerts ./alerts
COPY templates ./templates
COPY config ./config
RUN python -m pip wheel --no-build-isolation --no-deps --no-index --wheel-dir /tmp/wheel . \
    && /opt/alerts/bin/python -m pip install --no-deps --no-index /tmp/wheel/*.whl \
    && /opt/alerts/bin/python -m compileall -q /opt/alerts/lib


FROM python:3.13-slim-trixie

LABEL org.opencontainers.image.title="alerts" \
      org.opencontainers.image.description="Current-awareness alerting for health libraries" \
      org.opencontainers.image.licenses="MIT"

# A fixed number, so that volumes can be prepared for it and Kubernetes can check that it is not root.
RUN groupadd --system --gid 10001 alerts \
    && useradd --system --uid 10001 --gid alerts --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin alerts \
    && install -d -o alerts -g alerts /config /data

COPY --from=build /opt/alerts /opt/alerts

ENV PATH=/opt/alerts/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ALERTS_CONFIG_DIR=/config \
    ALERTS_DATA_DIR=/data \
    ALERTS_WEB_HOST=0.0.0.0 \
    ALERTS_WEB_PORT=8080

USER 10001:10001
VOLUME ["/config", "/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["alerts", "healthcheck"]
ENTRYPOINT ["alerts"]
CMD ["run"]
