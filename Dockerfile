# One image for every service of docker-compose.yaml: Airflow, casebridge and the simulators.
# The packages are those of requirements.txt, with hashes: the same image tomorrow as today.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    UV_NO_CACHE=1 \
    UV_SYSTEM_PYTHON=1

WORKDIR /opt/casebridge

# The packages first: this layer is built anew only when a lock changes.
# uv does not compile by itself, and without compiled files every process would compile Airflow anew at its start.
COPY requirements/uv.txt requirements/uv.txt
COPY requirements.txt requirements.txt
RUN pip install --require-hashes --requirement requirements/uv.txt \
    && uv pip install --require-hashes --compile-bytecode --requirement requirements.txt \
    && uv pip check

COPY pyproject.toml README.md LICENSE ./
COPY plugins plugins
COPY dags dags
COPY include include
COPY simulators simulators

# Editable, so that Airflow's plugins folder and the installed package are the same files.
# It brings the `casebridge` command and the entry point that gives Airflow the connection types.
RUN uv pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q plugins/casebridge simulators

# The code belongs to root and cannot be changed by what runs; only the state folder can.
RUN useradd --uid 10001 --gid 0 --no-create-home --home-dir /var/lib/airflow casebridge \
    && install -d -o 10001 -g 0 -m 0770 /var/lib/airflow /var/lib/airflow/logs /var/lib/airflow/cache

ENV AIRFLOW_HOME=/var/lib/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/casebridge/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/casebridge/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/lib/airflow/logs \
    CASEBRIDGE_CACHE=/var/lib/airflow/cache

USER 10001:0
ENTRYPOINT []
CMD ["airflow", "version"]
