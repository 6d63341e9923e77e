# One image for the API, the worker, the migrations and the sandbox; the command says which.
# Needs no BuildKit, and no network but an npm registry.

FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV npm_config_update_notifier=false

# The manifests alone: while they stay as they are, an edit of the code installs nothing again.
FROM base AS manifests
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -path ./.npmrc -delete \
  && find . -type d -empty -delete

# Prisma's generator is a development dependency; what it writes is not.
FROM base AS client
COPY --from=manifests /app .
RUN npm install --ignore-scripts --workspaces=false
COPY prisma prisma
COPY packages/db/scripts packages/db/scripts
RUN node packages/db/scripts/generate-prisma-client.mjs

FROM base AS dependencies
COPY --from=manifests /app .
# Left in the manifest, `prisma` would come along as an optional peer of its client (150 MB).
RUN npm pkg delete devDependencies && npm install --ignore-scripts --omit=dev
# 55 MB: the client brings its compilers of queries for five databases.
RUN find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name '*.postgresql.*' -delete

FROM base AS sources
COPY . .
COPY --from=client /app/packages/db/src/generated packages/db/src/generated
# What the processes say they are, in GET /v1/workers and /openapi.json; default: the manifests'.
ARG VERSION=
RUN if [ -n "$VERSION" ]; then npm pkg set version="$VERSION" -w apps/api -w apps/worker; fi

FROM base
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules node_modules
COPY --from=sources /app .
# A volume that is mounted here takes over its owner.
RUN mkdir -p /data/files && chown node:node /data/files
ENV STORAGE_DIR=/data/files
USER node
EXPOSE 3000
# Node itself is process 1: it has handlers for SIGTERM and SIGINT, which drain. No npm between, which
# would not pass them on.
CMD ["node", "apps/api/src/server.ts"]
ARG VERSION=
LABEL org.opencontainers.image.title="ilgam" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="$VERSION"
