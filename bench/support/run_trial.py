# Runs one Python contender: `python3 -I run_trial.py <scenario file> <function>`.

import importlib.util
import json
import os
import sys

# An isolated interpreter looks beside no script for modules, so the support code is named here.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# Compiled copies would otherwise be left between the sources.
sys.dont_write_bytecode = True

path, function = sys.argv[1:]
spec = importlib.util.spec_from_file_location("contenders", path)
contenders = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contenders)
result = getattr(contenders, function)()
if result is not None:
    print(json.dumps(result))
