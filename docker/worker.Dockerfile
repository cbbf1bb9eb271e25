# The worker of one device, CPU or NVIDIA: supervises its trainer, the only program here that loads torch.
# Build it in the repository's root: docker build -f docker/worker.Dockerfile -t reslab-worker .
#
# torch from PyPI contains CUDA, so one image serves both; the driver comes from the host. Without a GPU,
# --build-arg PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu makes the image gigabytes smaller.

FROM python:3.11.14-slim-trixie
ENV PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
ARG PIP_EXTRA_INDEX_URL=""
# A named volume gets the owner of the folder that it is mounted on.
RUN useradd --system --uid 10001 --home-dir /tmp reslab \
    && install --directory --owner reslab --group reslab /var/lib/reslab/data /var/lib/reslab/work
WORKDIR /app
COPY pyproject.toml hatch_build.py constraints.txt README.md ./
# Only the libraries, and a pointer to this folder, where the packages lie as in a clone: this layer changes only when
# the libraries do.
ARG RESLAB_VERSION=0.0
RUN SETUPTOOLS_SCM_PRETEND_VERSION=$RESLAB_VERSION pip install --no-cache-dir -c constraints.txt -e '.[worker,trainer]'
COPY trainer/ trainer/
COPY store/ store/
COPY worker/ worker/

ENV RESLAB_DATA=/var/lib/reslab/data RESLAB_WORK=/var/lib/reslab/work
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --start-interval=2s \
    CMD ["python", "-P", "-m", "store", "health", "worker"]
CMD ["python", "-P", "-m", "worker", "run"]
