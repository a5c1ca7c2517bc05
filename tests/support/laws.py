import os

SCENARIOS = int(os.environ.get("NNOPT_VIZ_LAWS", "200"))
