# One image for every service: `python -m chassis.serve NAME`, and before it `python -m chassis.migrate NAME`.

FROM python:3.11.14-slim-bookworm AS build
COPY requirements-service.lock /build/
RUN python -m venv /opt/oa
RUN /opt/oa/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes \
    --requirement /build/requirements-service.lock
# Whoever breaks into a service finds nothing there that installs more.
RUN /opt/oa/bin/pip uninstall --quiet --yes pip setuptools
COPY shared_events /opt/oa/app/shared_events
COPY chassis /opt/oa/app/chassis
COPY product /opt/oa/app/product
COPY rental /opt/oa/app/rental
COPY delivery /opt/oa/app/delivery
COPY information /opt/oa/app/information
COPY gateway /opt/oa/app/gateway
COPY ops/image/healthy.py /opt/oa/app/healthy.py
# The file system is read-only later, so the byte code is written here.
RUN /opt/oa/bin/python -m compileall -q /opt/oa/app

FROM python:3.11.14-slim-bookworm
COPY --from=build /opt/oa /opt/oa
ENV PATH=/opt/oa/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OA_HOST=0.0.0.0
WORKDIR /opt/oa/app
# A number, because Kubernetes' runAsNonRoot cannot know who a name is.
USER 10001:10001
EXPOSE 8080 8081 8082 8083 8084
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 CMD ["python", "-I", "-S", "healthy.py"]
CMD ["python", "-m", "chassis.serve", "gateway"]
