# One binary with the Bun runtime inside, on an image that holds nothing but the C library and certificates.
FROM node:24-bookworm-slim AS build
WORKDIR /weir
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN node scripts/set-up.mjs
COPY . .
RUN node scripts/build.mjs

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /weir/dist/weir /usr/local/bin/weir
USER nonroot
# web, websecure, traefik (API, dashboard, ping, metrics)
EXPOSE 80 443 8080
# No HEALTHCHECK: it would not know the flags. Give your own: CMD ["/usr/local/bin/weir", "healthcheck", "--ping", …]
ENTRYPOINT ["/usr/local/bin/weir"]
