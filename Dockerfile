# The operator as a container image: what is in it, and how to build it, is told in docs/image.md.
#
# BASE must have, under the name python3, Python 3.11 or newer with its modules venv and ensurepip,
# and the certificates of the usual authorities. All stages use the same one, as a virtual
# environment works only with the Python that made it. Nothing is compiled: a library without a
# wheel for the base's Python and machine ends the build.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS libraries
RUN python3 -m venv /build \
 && python3 -m venv --without-pip /opt/figgosync
COPY requirements/build.txt requirements/run.txt /build/
# The secrets are optional: how pip reaches its index here, and whom it trusts. Neither stays.
RUN --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=pip-ca,target=/run/secrets/pip-ca.crt \
    export PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 \
 && set -- install --quiet --require-hashes --only-binary :all: --no-compile --requirement \
 && /build/bin/python -m pip "$@" /build/build.txt \
 && /build/bin/python -m pip --python /opt/figgosync/bin/python "$@" /build/run.txt
COPY operator/figgosync_image/finish.py /build/
RUN /build/bin/python /build/finish.py libraries /opt/figgosync /compiled

FROM libraries AS product
COPY pyproject.toml README.md LICENSE /build/source/
COPY operator/figgosync /build/source/operator/figgosync
# All that it needs is here, so that no index is asked.
RUN export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 \
 && /build/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /build/dist /build/source \
 && /build/bin/python -m pip --python /opt/figgosync/bin/python install --quiet --no-deps --no-compile --no-warn-script-location \
      --root /product --find-links /build/dist figgo-calendar-sync \
 && /build/bin/python /build/finish.py product /product
# What was taken out of the libraries is missed now, or never.
RUN cp --archive /product/opt/figgosync/. /opt/figgosync/ && /opt/figgosync/bin/python -B -c "import figgosync.wiring"

FROM ${BASE}
# Three layers, by how often they change: a new version of the product alone is a small one.
COPY --from=libraries /compiled/ /
COPY --from=libraries /opt/figgosync/ /opt/figgosync/
COPY --from=product /product/ /
# Nothing is ever written: all that Python would compile is compiled.
ENV PATH=/opt/figgosync/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/nonexistent
WORKDIR /
EXPOSE 8080
# By number, so that Kubernetes can tell that it is not root; the name is in no file of the base.
USER 65532:65532
ENTRYPOINT ["figgosync"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="figgo-calendar-sync" \
      org.opencontainers.image.description="Kubernetes operator that keeps Figgo absences in the employees' own calendars" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
