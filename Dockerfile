# The program alone, a static binary: docker build -t kubeverdict . && docker run --rm -v "$PWD:/work" kubeverdict run
FROM rust:1.95-alpine AS build
RUN apk add --no-cache build-base
WORKDIR /build
COPY . .
RUN cargo build --release --locked

FROM scratch
COPY --from=build /build/target/release/kubeverdict /kubeverdict
WORKDIR /work
ENTRYPOINT ["/kubeverdict"]
