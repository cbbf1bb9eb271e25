# Control: announces waiting runs, re-queues lost ones, deletes objects that no row names. No torch.
# Build it in the repository's root: docker build -f docker/control.Dockerfile -t reslab-control .

FROM python:3.11.14-slim-trixie
ENV PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --home-dir /tmp reslab
WORKDIR /app
COPY pyproject.toml hatch_build.py constraints.txt README.md ./
# Only the libraries, and a pointer to this folder, where the packages lie as in a clone: this layer changes only when
# the libraries do.
ARG RESLAB_VERSION=0.0
RUN SETUPTOOLS_SCM_PRETEND_VERSION=$RESLAB_VERSION pip install --no-cache-dir -c constraints.txt -e '.[worker]'
COPY trainer/ trainer/
COPY store/ store/
COPY worker/ worker/

USER 10001:10001
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --start-interval=2s \
    CMD ["python", "-P", "-m", "store", "health", "control"]
CMD ["python", "-P", "-m", "worker", "control"]
