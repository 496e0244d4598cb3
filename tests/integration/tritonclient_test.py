"""tritonclient.grpc, unmodified, and stock health and reflection stubs against a real server.

Usage: tritonclient_test.py BUILD_DIR
"""
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import grpc
import numpy as np
import tritonclient.grpc as triton
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

BUILD = pathlib.Path(sys.argv[1])
SERVICE = "inference.GRPCInferenceService"


class Server:
    """An actium-server on a free port, with the models of write_tiny_models.cc."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="actium-test-")
        root = pathlib.Path(self.folder.name)
        subprocess.run([BUILD / "tests/actium-write-tiny-models", root / "models"], check=True)
        port_file = root / "port"
        self.log = open(root / "log", "w+")
        self.process = subprocess.Popen(
            [BUILD / "bin/actium-server", "--model-repository", root / "models",
             "--grpc-address", "127.0.0.1", "--grpc-port", "0", "--port-file", port_file,
             "--allow-http=false", "--allow-metrics=false"],
            stderr=self.log)
        until = time.monotonic() + 60
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server did not start:\n" + self.read_log())
            time.sleep(0.02)
        self.address = port_file.read_text().strip()
        client = triton.InferenceServerClient(self.address)
        while not client.is_server_ready():
            if time.monotonic() > until:
                raise RuntimeError("the server is not ready:\n" + self.read_log())
            time.sleep(0.02)

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        """Ends the server and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.log.close()
        self.folder.cleanup()
        return status


def sum_inputs(a, b):
    inputs = [triton.InferInput("a", a.shape, "FP32"), triton.InferInput("b", b.shape, "INT64")]
    inputs[0].set_data_from_numpy(a)
    inputs[1].set_data_from_numpy(b)
    return inputs


class TritonClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.client = triton.InferenceServerClient(cls.server.address)
        cls.channel = grpc.insecure_channel(cls.server.address)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.client.close()
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"the server's exit status is {status}")

    def test_health_of_server_and_model(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("sum_and_argmax"))
        self.assertTrue(self.client.is_model_ready("sum_and_argmax", "1"))
        self.assertFalse(self.client.is_model_ready("sum_and_argmax", "2"))

    def test_metadata(self):
        server = self.client.get_server_metadata()
        self.assertEqual(server.name, "actium")
        self.assertRegex(server.version, r"^\d+\.\d+\.\d+")
        model = self.client.get_model_metadata("sum_and_argmax")
        self.assertEqual(model.name, "sum_and_argmax")
        self.assertEqual(list(model.versions), ["1"])
        self.assertEqual([(i.name, i.datatype, list(i.shape)) for i in model.inputs],
                         [("a", "FP32", [-1, 3]), ("b", "INT64", [-1, 3])])
        self.assertEqual([(o.name, o.datatype, list(o.shape)) for o in model.outputs],
                         [("sum", "FP32", [-1, 3]), ("argmax", "INT64", [-1, 1])])

    def test_config(self):
        config = self.client.get_model_config("sum_and_argmax").config
        self.assertEqual(config.name, "sum_and_argmax")
        self.assertEqual(config.max_batch_size, 8)
        self.assertEqual(config.parameters["actium.engine"].string_value, "libtorch")

    def test_repository_index(self):
        index = {m.name: m.state for m in self.client.get_model_repository_index().models}
        self.assertEqual(index, {"sum_and_argmax": "READY", "reverse": "READY",
                                 "self_describing": "READY"})

    def test_infer_with_raw_contents_and_several_outputs(self):
        a = np.array([[1, 2, 3], [9, 8, 7]], dtype=np.float32)
        b = np.array([[10, 0, -1], [0, 5, 0]], dtype=np.int64)
        result = self.client.infer("sum_and_argmax", sum_inputs(a, b), request_id="request 7")
        np.testing.assert_array_equal(result.as_numpy("sum"), a + b.astype(np.float32))
        np.testing.assert_array_equal(result.as_numpy("argmax"), [[0], [1]])
        response = result.get_response()
        self.assertEqual(response.id, "request 7")
        self.assertEqual((response.model_name, response.model_version), ("sum_and_argmax", "1"))

    def test_infer_of_requested_outputs_only(self):
        a, b = np.ones((1, 3), np.float32), np.arange(3, dtype=np.int64)[None]
        result = self.client.infer("sum_and_argmax", sum_inputs(a, b),
                                   outputs=[triton.InferRequestedOutput("argmax")])
        self.assertIsNone(result.as_numpy("sum"))
        np.testing.assert_array_equal(result.as_numpy("argmax"), [[2]])

    def test_infer_with_typed_contents(self):
        stub = service_pb2_grpc.GRPCInferenceServiceStub(self.channel)
        request = service_pb2.ModelInferRequest(model_name="sum_and_argmax")
        request.inputs.add(name="a", datatype="FP32", shape=[1, 3]).contents.fp32_contents.extend(
            [0.5, 1.5, 2.5])
        request.inputs.add(name="b", datatype="INT64", shape=[1, 3]).contents.int64_contents.extend(
            [1, 1, 1])
        response = stub.ModelInfer(request)
        by_name = dict(zip([o.name for o in response.outputs], response.raw_output_contents))
        np.testing.assert_array_equal(np.frombuffer(by_name["sum"], np.float32), [1.5, 2.5, 3.5])

    def test_classification_gives_scores_indices_and_labels(self):
        a, b = np.array([[1, 2, 3]], np.float32), np.array([[0, 5, 0]], np.int64)
        result = self.client.infer("sum_and_argmax", sum_inputs(a, b),
                                   outputs=[triton.InferRequestedOutput("sum", class_count=2)])
        classes = [entry.decode() for entry in result.as_numpy("sum").reshape(-1)]
        split = [entry.split(":") for entry in classes]
        self.assertEqual([(float(v), int(i), label) for v, i, label in split],
                         [(7.0, 1, "middle"), (3.0, 2, "high")])

    def test_asynchronous_infer(self):
        answers = []
        a, b = np.ones((8, 3), np.float32), np.ones((8, 3), np.int64)
        for _ in range(16):
            self.client.async_infer("sum_and_argmax", sum_inputs(a, b),
                                    lambda result, error: answers.append((result, error)))
        until = time.monotonic() + 30
        while len(answers) < 16 and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(len(answers), 16)
        for result, error in answers:
            self.assertIsNone(error)
            np.testing.assert_array_equal(result.as_numpy("sum"), np.full((8, 3), 2, np.float32))

    def test_model_without_batch_dimension_and_with_any_size(self):
        for size in (1, 5, 1000):
            values = np.arange(size, dtype=np.uint8)
            given = triton.InferInput("values", values.shape, "UINT8")
            given.set_data_from_numpy(values)
            result = self.client.infer("reverse", [given])
            np.testing.assert_array_equal(result.as_numpy("reversed"), values[::-1])

    def test_model_that_describes_itself(self):
        x = np.array([[3, -4]], np.float32)
        given = triton.InferInput("x", x.shape, "FP32")
        given.set_data_from_numpy(x)
        result = self.client.infer("self_describing", [given])
        np.testing.assert_array_equal(result.as_numpy("square"), [[9, 16]])

    def test_statistics_count_requests_and_executions(self):
        def counts():
            stats = self.client.get_inference_statistics("sum_and_argmax").model_stats[0]
            return (stats.inference_count, stats.execution_count,
                    stats.inference_stats.success.count, stats.inference_stats.fail.count)

        before = counts()
        a, b = np.ones((4, 3), np.float32), np.ones((4, 3), np.int64)
        self.client.infer("sum_and_argmax", sum_inputs(a, b))
        with self.assertRaises(InferenceServerException):
            self.client.infer("sum_and_argmax", sum_inputs(a, b[:2]))
        after = counts()
        self.assertEqual([n - m for n, m in zip(after, before)], [4, 1, 1, 1])
        stats = self.client.get_inference_statistics("sum_and_argmax").model_stats[0]
        self.assertGreater(stats.inference_stats.compute_infer.ns, 0)
        self.assertIn(4, [entry.batch_size for entry in stats.batch_stats])

    def test_errors_carry_code_and_field(self):
        a, b = np.ones((1, 3), np.float32), np.ones((1, 3), np.int64)
        for model, inputs, code, part in [
                ("nobody", sum_inputs(a, b), "StatusCode.NOT_FOUND", "'nobody'"),
                ("sum_and_argmax", sum_inputs(a, b)[:1], "StatusCode.INVALID_ARGUMENT", "'b'"),
                ("sum_and_argmax", sum_inputs(np.ones((9, 3), np.float32), np.ones((9, 3), np.int64)),
                 "StatusCode.INVALID_ARGUMENT", "9"),
        ]:
            with self.subTest(model=model, part=part):
                with self.assertRaises(InferenceServerException) as caught:
                    self.client.infer(model, inputs)
                self.assertEqual(caught.exception.status(), code)
                self.assertIn(part, caught.exception.message())

    def test_methods_that_do_not_exist_yet_say_so_by_name(self):
        with self.assertRaises(InferenceServerException) as caught:
            self.client.load_model("reverse")
        self.assertEqual(caught.exception.status(), "StatusCode.UNIMPLEMENTED")
        self.assertIn("RepositoryModelLoad", caught.exception.message())

    def test_health_by_the_stock_stub(self):
        stub = health_pb2_grpc.HealthStub(self.channel)
        for service in ("", SERVICE):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
            self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)
        first = next(iter(stub.Watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=10)))
        self.assertEqual(first.status, health_pb2.HealthCheckResponse.SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            stub.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=10)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_reflection_by_the_stock_stub(self):
        stub = reflection_pb2_grpc.ServerReflectionStub(self.channel)
        requests = iter([reflection_pb2.ServerReflectionRequest(list_services=""),
                         reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE)])
        listed, described = stub.ServerReflectionInfo(requests, timeout=10)
        services = {s.name for s in listed.list_services_response.service}
        self.assertLessEqual({SERVICE, "actium.v1.IntrospectionService", "grpc.health.v1.Health"},
                             services)
        self.assertTrue(described.file_descriptor_response.file_descriptor_proto)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
