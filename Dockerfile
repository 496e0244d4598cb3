# Actium in a container. Targets:
#   cpu   (default) the server, its command line and the shipped models; no shell is needed in it
#   test  runs `make test` while it is built
#
#   docker build -t actium .
#   docker run --rm -p 8001:8001 actium
#   docker run --rm actium actium --local /opt/actium/models compare relu mish
#
# BASE: Debian 12, whose glibc and libstdc++ are all that the programs take from the system.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
ENV ACTIUM_CACHE=/cache DEBIAN_FRONTEND=noninteractive
WORKDIR /src
# By itself, so that a change of the sources does not fetch everything again.
COPY cmake cmake
RUN cmake/setup.sh build
COPY . .
ARG JOBS=
RUN cmake/build.sh release actium-server actium \
 && cmake --install build/release --prefix /opt/actium --strip \
 && deploy/image/write-sbom.py /opt/actium build/release \
 && cp -r models/repository /opt/actium/models

FROM build AS test
RUN cmake/setup.sh test && make test

FROM ${BASE} AS cpu
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Actium" \
      org.opencontainers.image.description="Serves CNNs that differ in their activation, and compares them" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="debian:12-slim"
COPY --from=build /opt/actium /opt/actium
ENV PATH=/opt/actium/bin:$PATH
USER 65532:65532
# gRPC; health over HTTP; metrics.
EXPOSE 8001 8000 8002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["actium", "health"]
CMD ["actium-server", "--model-repository", "/opt/actium/models"]
