# The coordinator. Build from deploy/, after `./mvnw package` has made target/farpool-VERSION.tar.gz:
#   docker build -f images/coordinator.Dockerfile --build-arg VERSION=0.1.0-SNAPSHOT -t farpool-coordinator:0.1.0-SNAPSHOT .
ARG JAVA_IMAGE=eclipse-temurin:25-jre
FROM ${JAVA_IMAGE}

RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*

ARG VERSION
ADD target/farpool-${VERSION}.tar.gz /opt/
RUN ln -s "farpool-${VERSION}" /opt/farpool \
    && rm -rf /opt/farpool/lib/examples \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/farpool

USER 10001:10001
EXPOSE 7077
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/farpool/bin/farpool"]
# Loopback is of no use inside a container. There is no TLS yet: --insecure says that the network around it is trusted.
CMD ["coordinator", "--host", "0.0.0.0", "--insecure", "--data-dir", "/var/lib/farpool"]
