# syntax=docker/dockerfile:1
# Halo with its web apps, for amd64 and arm64; docs/deploying.md says how to run it. The parts' sizes are stated there.
# Every RUN but that of the system's packages is executed, step by step, by tests/long/image.test.ts.
# The base stands in each FROM itself: Dependabot renews none that an ARG names.

# The web apps run in browsers: they are the same for every platform, and are built on the one that builds.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS apps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shapes/package.json shapes/
COPY client-sdk/package.json client-sdk/
COPY client-sdk/field-app/package.json client-sdk/field-app/
COPY server/package.json server/
COPY server/console/package.json server/console/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build --workspace @halo/field-app && npm run build --workspace @halo/console

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shapes/package.json shapes/
COPY client-sdk/package.json client-sdk/
COPY client-sdk/field-app/package.json client-sdk/field-app/
COPY server/package.json server/
COPY server/console/package.json server/console/
COPY .ci/image/prune.mjs .ci/image/
RUN npm ci --omit=dev --workspace @halo/server --workspace @halo/shapes --no-audit --no-fund && node .ci/image/prune.mjs

FROM node:24-bookworm-slim AS server
# tini reaps what the embedded Postgres leaves, which Node as the first process would not. Its version is Debian's own of the image:
# one that is named here would be gone with the next correction.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o node -g node -m 0700 /data /backups
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY shapes shapes
COPY server server
COPY --from=apps /app/client-sdk/field-app/dist client-sdk/field-app/dist
COPY --from=apps /app/server/console/dist server/console/dist
ARG VERSION=0.1.0
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 HALO_DATA_DIR=/data VERSION=${VERSION}
# Operators give Halo's commands by npm, which need not ask a registry each time whether there is a newer npm.
ENV NPM_CONFIG_UPDATE_NOTIFIER=false
USER node
VOLUME ["/data"]
EXPOSE 3000
# One that starts may wait for an hour for another's migrations, or make its own: until it answers for the first time it is starting, not unhealthy.
HEALTHCHECK --interval=10s --timeout=5s --start-period=70m --retries=3 CMD ["node", "server/operations/healthcheck.mjs"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "--import", "tsx", "server/main.ts"]
