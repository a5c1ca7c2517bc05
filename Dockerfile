# The base image; releases name it by digest, as compose.yaml records it (make image).
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
# "[parquet]" adds /run.parquet and about 130 MB, "[native]" races as machine code and about 170 MB;
# "[parquet,native]" both.
ARG EXTRAS=""
# What builds stays here, pip too. What runs is installed from wheels whose hashes are locked.
RUN python -m venv /opt/build && python -m venv --without-pip /opt/venv
WORKDIR /src
COPY locks locks
RUN /opt/build/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r locks/build.txt -r locks/sbom.txt
RUN case "$EXTRAS" in "") more="" ;; "[parquet]") more="-r locks/parquet.txt" ;; \
    "[native]") more="-r locks/native.txt" ;; \
    "[parquet,native]") more="-r locks/parquet.txt -r locks/native.txt" ;; \
    *) echo "EXTRAS is empty, [parquet], [native] or [parquet,native], not $EXTRAS" >&2; exit 1 ;; \
    esac && \
    /opt/build/bin/python -m pip --python /opt/venv/bin/python install --no-cache-dir \
    --disable-pip-version-check --require-hashes --only-binary :all: \
    --report /opt/build/needed.json -r locks/run.txt $more
COPY pyproject.toml README.md LICENSE NOTICE.md ./
COPY nnopt_viz nnopt_viz
COPY assets assets
COPY tools/lock.py tools/sbom.py tools/fonts.sh tools/
RUN /opt/build/bin/python -m hatchling build -t wheel -d /opt/build/wheel && \
    /opt/build/bin/python -m pip --python /opt/venv/bin/python install --disable-pip-version-check \
    --no-index --no-deps --report /opt/build/ours.json /opt/build/wheel/*.whl && \
    /opt/build/bin/python -m tools.sbom /opt/venv/bin/python /opt/venv/sbom.cdx.json \
    /opt/build/needed.json /opt/build/ours.json

FROM ${BASE}
ARG BASE
LABEL org.opencontainers.image.title="nnopt_viz" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="${BASE}"
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NNOPT_VIZ_HOST=0.0.0.0 \
    NNOPT_VIZ_PORT=8050
USER 10001:10001
WORKDIR /tmp
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['NNOPT_VIZ_PORT'] + '/healthz', timeout=4)"]
CMD ["nnopt-viz", "serve"]
