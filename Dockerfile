# One target per service: docker build --target gateway -t stickerdesk-gateway .
# The chart in helm/ runs these images as uid 10001 with a read-only root; /data and /tmp are its volumes.

ARG PYTHON=3.12-slim-bookworm
ARG TRITON=25.08-py3

FROM python:${PYTHON} AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY protos protos
COPY servicekit servicekit
COPY gateway gateway
COPY orchestrator orchestrator
COPY recommender recommender
COPY launcher launcher
RUN python -m venv /opt/stickerdesk
ENV PATH=/opt/stickerdesk/bin:$PATH
RUN pip install --no-cache-dir -c constraints.txt .

FROM build AS build-gateway
RUN pip install --no-cache-dir -c constraints.txt ".[gateway]"

FROM build AS build-orchestrator
RUN pip install --no-cache-dir -c constraints.txt ".[orchestrator]"

FROM build AS build-recommender
RUN pip install --no-cache-dir -c constraints.txt ".[recommender]"

FROM python:${PYTHON} AS runtime
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stickerdesk \
  && mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/stickerdesk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STICKERDESK_DATA_DIR=/data
WORKDIR /data
USER 10001

FROM runtime AS gateway
COPY --from=build-gateway /opt/stickerdesk /opt/stickerdesk
EXPOSE 8700 9100
CMD ["python", "-m", "gateway"]

FROM runtime AS orchestrator
COPY --from=build-orchestrator /opt/stickerdesk /opt/stickerdesk
EXPOSE 7000 9100
CMD ["python", "-m", "orchestrator"]

FROM runtime AS recommender
COPY --from=build-recommender /opt/stickerdesk /opt/stickerdesk
EXPOSE 7000 9100
CMD ["python", "-m", "recommender"]

# The official server with its native ONNX Runtime backend; our Python models need a few libraries beside it.
FROM nvcr.io/nvidia/tritonserver:${TRITON} AS triton
RUN pip install --no-cache-dir "tokenizers>=0.22" "pillow>=11.3" "rapidocr>=3.10" "onnxruntime>=1.22"
COPY model_repository /models
USER 10001
EXPOSE 8000 8001 8002
CMD ["tritonserver", "--model-repository=/models", "--disable-auto-complete-config"]
