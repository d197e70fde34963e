# A worker daemon. Its Java must be at least as new as the one the clients' classes are compiled for; what the tasks need
# besides (native libraries, fonts) is added in an image made FROM this one. Build from deploy/, after `./mvnw package`:
#   docker build -f images/worker.Dockerfile --build-arg VERSION=0.1.0-SNAPSHOT -t farpool-worker:0.1.0-SNAPSHOT .
ARG JAVA_IMAGE=eclipse-temurin:25-jre
FROM ${JAVA_IMAGE}

RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*

ARG VERSION
ADD target/farpool-${VERSION}.tar.gz /opt/
RUN ln -s "farpool-${VERSION}" /opt/farpool \
    && rm -rf /opt/farpool/lib/examples \
    && install -d -o 10002 -g 10002 -m 0700 /var/cache/farpool

USER 10002:10002
# tini reaps the processes that tasks leave behind; signals go to the daemon alone, which ends its worker processes.
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/farpool/bin/farpool"]
# FARPOOL_COORDINATOR=host:7077 says where to attach.
CMD ["worker", "--cache-dir", "/var/cache/farpool"]
