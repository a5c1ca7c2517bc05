FROM python:3.11-slim AS build
# "[parquet]" adds /run.parquet, and about 130 MB.
ARG EXTRAS=""
RUN python -m venv /opt/venv
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE.md ./
COPY nnopt_viz nnopt_viz
COPY assets assets
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    -c constraints.txt ".${EXTRAS}"

FROM python:3.11-slim
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
