# One file, five images: docker build --target producer|worker|cli|sandbox . (compose names them for you).
# Each step is a script that ./demo uses too, so what works there works here.

FROM debian:12-slim AS base
WORKDIR /usr/src/cartage
COPY scripts scripts

FROM base AS build
RUN scripts/install build
COPY . .
RUN scripts/build release \
 && cmake --install build/release --prefix /usr/local --strip

FROM base AS runtime
RUN scripts/install runtime && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 cartage \
 && install -d -o cartage /var/lib/cartage /var/lib/cartage/secrets
COPY --from=build /usr/local/bin/ /usr/local/bin/
USER cartage
WORKDIR /var/lib/cartage

FROM runtime AS producer
ENV CARTAGE_LISTEN=0.0.0.0:8710
EXPOSE 8710
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8710/v1/health"]
ENTRYPOINT ["cartage-producer"]

# No port and no state: a worker that ends is started again, one that hangs loses its leases to others.
FROM runtime AS worker
ENTRYPOINT ["cartage-worker"]

FROM runtime AS cli
ENTRYPOINT ["cartage"]

# The simulated Shopify and Business Central, for trying things out without either.
FROM base AS sandbox
COPY sandbox sandbox
COPY tests/support/shopify-schema tests/support/shopify-schema
RUN scripts/install sandbox && tests/support/shopify-schema && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 cartage \
 && install -d -o cartage /var/lib/cartage /var/lib/cartage/state
USER cartage
EXPOSE 8080
ENV SANDBOX_LISTEN=0.0.0.0:8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/_sandbox/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node"]
