# The api: HTTP, the event stream, the built dashboard and the help; also the operator's commands `python -m store …`. No torch.
# Build it in the repository's root: docker build -f docker/api.Dockerfile -t reslab-api .

FROM node:24.19.0-slim AS dashboard
WORKDIR /dashboard
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

# The help. Without torch: docs/conf.py then describes `reslab.networks` without loading it.
FROM python:3.11.14-slim-trixie AS site
ENV PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /site
COPY pyproject.toml hatch_build.py constraints.txt README.md ./
RUN pip install --no-cache-dir -c constraints.txt -e '.[site]'
COPY ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md SECURITY.md openapi.json ./
COPY trainer/ trainer/
COPY paper/ paper/
COPY reslab/ reslab/
COPY docs/ docs/
RUN python -m sphinx -q -b html -d doctrees docs html

FROM python:3.11.14-slim-trixie
ENV PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --home-dir /tmp reslab \
    && install --directory --owner reslab --group reslab --mode 700 /var/lib/reslab/signing
WORKDIR /app
COPY pyproject.toml hatch_build.py constraints.txt README.md ./
# Only the libraries, and a pointer to this folder, where the packages lie as in a clone: this layer changes only when
# the libraries do.
ARG RESLAB_VERSION=0.0
RUN SETUPTOOLS_SCM_PRETEND_VERSION=$RESLAB_VERSION pip install --no-cache-dir -c constraints.txt -e '.[api]'
COPY alembic/ alembic/
COPY trainer/ trainer/
COPY store/ store/
COPY paper/ paper/
COPY studies/ studies/
COPY api/ api/
COPY --from=dashboard /dashboard/dist frontend/dist
COPY --from=site /site/html docs/_build/html

ENV RESLAB_SIGNING_KEY=/var/lib/reslab/signing/key
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=1s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=9)"]
CMD ["python", "-P", "-m", "api", "--host", "0.0.0.0", "--port", "8000"]
