# One image for every service: `docker run mahlan run scorer`. The chart and docker-compose.yml use it.
#   --build-arg BASE=…     another base with Python 3.11 or newer and its venv module, e.g. from a mirror
#   --build-arg EXTRAS=…   fewer services: "normaliser", "scorer", "dispatcher", "gateway", with commas
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
ARG EXTRAS=normaliser,scorer,dispatcher,gateway
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python3 -m venv /build && python3 -m venv /opt/mahlan

# Everything that comes from outside comes here, held against its hash.
COPY requirements/build.txt requirements/image.txt requirements/
RUN /build/bin/pip install --require-hashes -r requirements/build.txt \
    && /build/bin/pip download --require-hashes --only-binary :all: -r requirements/image.txt -d /wheels

COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY services/mahlan services/mahlan
COPY campaigns campaigns
COPY models models
COPY schemas schemas
# tokenizers asks for a model hub's client that mahlan never calls, Litestar for what invents examples and for its own
# command: they and all that only they need stay out.
RUN /build/bin/pip wheel --no-deps --no-build-isolation --no-index -w /wheels . \
    && /opt/mahlan/bin/pip install --no-index --find-links /wheels "mahlan[${EXTRAS}]" \
    && /opt/mahlan/bin/pip uninstall -y huggingface-hub hf-xet httpx httpcore h11 certifi fsspec tqdm filelock \
       typer shellingham annotated-doc pydantic pydantic-core annotated-types typing-inspection \
       faker polyfactory rich-click litestar-htmx \
    && /opt/mahlan/bin/pip uninstall -y pip setuptools

FROM ${BASE}
LABEL org.opencontainers.image.title="mahlan" \
      org.opencontainers.image.description="Asks authors of hurtful comments to think again" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/mahlan /opt/mahlan
# Where a volume for the gateway's spool is mounted: it gets the owner that the folder has here.
RUN mkdir -m 700 /spool && chown 10001:10001 /spool
# The root file system may be read-only: only /tmp is written. onnxruntime's telemetry is off here and in the code.
ENV PATH=/opt/mahlan/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ORT_DISABLE_TELEMETRY=1 \
    MAHLAN_HOST=0.0.0.0 \
    MAHLAN_PORT=9100
WORKDIR /tmp
USER 10001:10001
EXPOSE 9100 8080
ENTRYPOINT ["mahlan"]
CMD ["--help"]
