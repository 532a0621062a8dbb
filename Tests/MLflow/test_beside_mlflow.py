#!/usr/bin/env python3
"""Tests/Operations/test_whole.py beside a real MLflow. `make long WHAT=mlflow` runs this with each list beside this file:

Scripts/with-postgres.sh Scripts/python-tools.sh Tests/MLflow/requirements-3.17.2.txt python3 Tests/MLflow/test_beside_mlflow.py
"""

from __future__ import annotations

import unittest

import mlflow_server
import test_whole


class BesideMLflow(test_whole.Installation):
    @classmethod
    def registry(cls) -> str:
        server = mlflow_server.Server()
        cls.addClassCleanup(server.close)
        mlflow_server.story(server)
        return server.url


if __name__ == "__main__":
    unittest.main()
