# Control: announces waiting runs, re-queues lost ones, deletes objects that no row names. No torch.
# Build it in the repository's root: docker build -f docker/control.Dockerfile -t reslab-control .

FROM python:3.11.14-slim-trixie
ENV PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --home-dir /tmp reslab
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
# Only the libraries, so that this layer changes only when they do.
RUN pip install --no-cache-dir -c constraints.txt '.[worker]'
COPY trainer/ trainer/
COPY store/ store/
COPY worker/ worker/
RUN pip install --no-cache-dir --no-deps -e .

USER 10001:10001
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --start-interval=2s \
    CMD ["python", "-P", "-m", "store", "health", "control"]
CMD ["python", "-P", "-m", "worker", "control"]
