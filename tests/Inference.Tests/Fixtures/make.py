#!/usr/bin/python3
"""Writes the small ONNX files beside it. Needs Debian's python3-onnx; run again only when a graph contract changes.

The backbone pools a 8 x 6 picture: embedding = average and maximum of each channel after (x / 255). The heads are linear.
"""
import json
import pathlib

import numpy as np
import onnx
import onnx.external_data_helper
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
W, H, D, C = 8, 6, 6, 2
SEGMENTS = [{"name": "s1.avg", "offset": 0, "length": 3}, {"name": "s1.max", "offset": 3, "length": 3}]
METADATA = {"architecture": "pool", "input.width": str(W), "input.height": str(H), "input.colour": "rgb",
            "embedding.segments": json.dumps(SEGMENTS)}


def save(name, nodes, inputs, outputs, initializers, metadata):
    graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(a, n) for n, a in initializers.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="fixture")
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def backbone(name, metadata, image_type=TensorProto.UINT8, image_name="image", output_name="embedding"):
    nodes = [
        helper.make_node("Cast", [image_name], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Div", ["planes", "scale"], ["map.s1"]),
        helper.make_node("GlobalAveragePool", ["map.s1"], ["a"]),
        helper.make_node("GlobalMaxPool", ["map.s1"], ["m"]),
        helper.make_node("Concat", ["a", "m"], ["both"], axis=1),
        helper.make_node("Flatten", ["both"], [output_name], axis=1),
    ]
    save(name, nodes,
         [helper.make_tensor_value_info(image_name, image_type, ["N", H, W, 3])],
         [helper.make_tensor_value_info(output_name, TensorProto.FLOAT, ["N", D]),
          helper.make_tensor_value_info("map.s1", TensorProto.FLOAT, ["N", 3, H, W])],
         {"scale": np.float32(255)}, metadata)


def head(name, logits_name="logits", swapped=False):
    nodes = [
        helper.make_node("MatMul", ["embedding", "w"], [logits_name]),
        helper.make_node("Div", [logits_name, "temperature"], ["cool"]),
        helper.make_node("Softmax", ["cool"], ["probabilities"], axis=1),
        helper.make_node("ReduceL2", ["embedding"], ["distance"], axes=[1], keepdims=0),
    ]
    weights = np.zeros((D, C), np.float32)
    weights[0, int(swapped)] = weights[1, int(not swapped)] = 1
    save(name, nodes,
         [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", D])],
         [helper.make_tensor_value_info(logits_name, TensorProto.FLOAT, ["N", C]),
          helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", C]),
          helper.make_tensor_value_info("distance", TensorProto.FLOAT, ["N"])],
         {"w": weights, "temperature": np.float32(2)}, {"classes": json.dumps(["ok", "scratch"])})


def failing_head(name):
    """As the plain head, and its run fails where green is 0.1 or more: it looks up what is not there."""
    model = onnx.load(HERE / "head.onnx")
    model.graph.node[0].output[0] = "scores"
    model.graph.node.extend([
        helper.make_node("MatMul", ["embedding", "tenfold"], ["place"]),
        helper.make_node("Cast", ["place"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["nothing", "index"], ["found"]),
        helper.make_node("Add", ["scores", "found"], ["logits"]),
    ])
    # A graph names what it computes before it is used.
    model.graph.node.extend([model.graph.node.pop(1) for _ in range(2)])
    tenfold = np.zeros((D, 1), np.float32)
    tenfold[1, 0] = 10
    model.graph.initializer.extend([numpy_helper.from_array(tenfold, "tenfold"), numpy_helper.from_array(np.float32([0]), "nothing")])
    onnx.checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def linear_head(name):
    """In the form that the trainer writes: red speaks for ok, green for scratch; everything has a distance."""
    weights = np.zeros((D, C), np.float32)
    weights[[0, 3], 0] = 1.5, 0.5
    weights[[1, 4], 1] = 1, 2
    constants = {"from": np.array([0]), "to": np.array([D]), "axis": np.array([1]), "seen_columns": np.array([0, 2, 3, 5]), "axis_one": np.array([1]),
                 "mean": np.float32([.2, .1, .3, .4, .3, .5]), "scale": np.float32([2, 3, 1, 2, 1, 1]), "weights": weights, "bias": np.float32([.3, -.2]),
                 "temperature": np.float32([2]), "seen_mean": np.float32([.3, .2, .4, .3]), "seen_scale": np.float32([1, 2, 1, 3]),
                 "components": np.float32([[.5, .5], [.5, -.5], [.5, .5], [.5, -.5]]), "along_gain": np.float32([.04, .03]), "whole_gain": np.float32([.05])}
    nodes = [
        helper.make_node("Slice", ["embedding", "from", "to", "axis"], ["slice"]),
        helper.make_node("Sub", ["slice", "mean"], ["centred"]),
        helper.make_node("Mul", ["centred", "scale"], ["standardised"]),
        helper.make_node("Gemm", ["standardised", "weights", "bias"], ["logits"]),
        helper.make_node("Div", ["logits", "temperature"], ["cooled"]),
        helper.make_node("Softmax", ["cooled"], ["probabilities"], axis=1),
        helper.make_node("Gather", ["embedding", "seen_columns"], ["seen_slice"], axis=1),
        helper.make_node("Sub", ["seen_slice", "seen_mean"], ["seen_centred"]),
        helper.make_node("Mul", ["seen_centred", "seen_scale"], ["seen_standardised"]),
        helper.make_node("ReduceSumSquare", ["seen_standardised"], ["squares"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["squares", "whole_gain"], ["whole"]),
        helper.make_node("MatMul", ["seen_standardised", "components"], ["along"]),
        helper.make_node("Mul", ["along", "along"], ["along_squares"]),
        helper.make_node("Mul", ["along_squares", "along_gain"], ["along_weighted"]),
        helper.make_node("ReduceSum", ["along_weighted", "axis_one"], ["explained"], keepdims=0),
        helper.make_node("Sub", ["whole", "explained"], ["difference"]),
        helper.make_node("Relu", ["difference"], ["rest"]),
        helper.make_node("Sqrt", ["rest"], ["distance"]),
    ]
    save(name, nodes,
         [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", D])],
         [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", C]),
          helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", C]),
          helper.make_tensor_value_info("distance", TensorProto.FLOAT, ["N"])],
         constants, {"classes": json.dumps(["ok", "scratch"])})


backbone("backbone", METADATA)
backbone("backbone-float", METADATA, image_type=TensorProto.FLOAT)
backbone("backbone-input-name", METADATA, image_name="picture")
backbone("backbone-output-name", METADATA, output_name="features")
backbone("backbone-no-metadata", {})
backbone("backbone-bad-colour", METADATA | {"input.colour": "hsv"})
backbone("backbone-bad-size", METADATA | {"input.width": "9"})
backbone("backbone-gap", METADATA | {"embedding.segments": json.dumps([SEGMENTS[0], SEGMENTS[1] | {"offset": 4}])})
backbone("backbone-bad-json", METADATA | {"embedding.segments": "["})
head("head")
linear_head("head-linear")
head("head-no-logits", logits_name="scores")
failing_head("head-failing")

# Weights in another file, which the backbone's hash would not cover.
model = onnx.load(str(HERE / "backbone.onnx"))
onnx.external_data_helper.set_external_data(model.graph.initializer[0], "weights.bin", 0, 4)
model.graph.initializer[0].ClearField("raw_data")
(HERE / "backbone-external.onnx").write_bytes(model.SerializeToString(deterministic=True))
head("head-swapped", swapped=True)


def hostile(name, change):
    model = onnx.load(HERE / "head.onnx")
    change(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def outside(tensor):
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/hostname")


def nested(model):
    branch = helper.make_graph([helper.make_node("Identity", ["v"], ["r"])], "branch", [],
                               [helper.make_tensor_value_info("r", TensorProto.FLOAT, [1])],
                               [numpy_helper.from_array(np.ones(1, np.float32), "v")])
    outside(branch.initializer[0])
    yes = helper.make_node("Constant", [], ["yes"], value=numpy_helper.from_array(np.array(True)))
    model.graph.node.extend([yes, helper.make_node("If", ["yes"], ["chosen"], then_branch=branch, else_branch=branch)])


def constant(model):
    tensor = numpy_helper.from_array(np.ones(1, np.float32))
    outside(tensor)
    model.graph.node.append(helper.make_node("Constant", [], ["k"], value=tensor))


def sparse(model):
    values = numpy_helper.from_array(np.ones(1, np.float32), "sparse")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, numpy_helper.from_array(np.zeros(1, np.int64)), [4]))


def function(model):
    model.functions.append(helper.make_function("", "Softmax", ["x"], ["y"], [helper.make_node("Identity", ["x"], ["y"])],
                                                [helper.make_opsetid("", 17)]))


hostile("head-external", lambda model: outside(model.graph.initializer[0]))
hostile("head-external-constant", constant)
hostile("head-external-branch", nested)
hostile("head-sparse", sparse)
hostile("head-function", function)
hostile("head-domain", lambda model: model.graph.node.append(helper.make_node("ReadFile", [], ["file"], domain="evil.operators")))


def hanging():
    """The picture says how often it loops: a red one without end, a grey one never."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["still"]), helper.make_node("Sqrt", ["state"], ["next"])], "body",
        [helper.make_tensor_value_info("turn", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state", TensorProto.FLOAT, ["N", D])],
        [helper.make_tensor_value_info("still", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, ["N", D])])
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Div", ["planes", "scale"], ["map.s1"]),
        helper.make_node("GlobalAveragePool", ["map.s1"], ["a"]),
        helper.make_node("GlobalMaxPool", ["map.s1"], ["m"]),
        helper.make_node("Concat", ["a", "m"], ["both"], axis=1),
        helper.make_node("Flatten", ["both"], ["flat"], axis=1),
        helper.make_node("Gather", ["flat", "red"], ["r"], axis=1),
        helper.make_node("Gather", ["flat", "blue"], ["b"], axis=1),
        helper.make_node("Sub", ["r", "b"], ["redder"]),
        helper.make_node("Greater", ["redder", "half"], ["is.red"]),
        helper.make_node("Where", ["is.red", "ever", "never"], ["turns.n"]),
        helper.make_node("ReduceMax", ["turns.n"], ["turns"], keepdims=0),
        helper.make_node("Loop", ["turns", "yes", "flat"], ["embedding"], body=body),
    ]
    save("backbone-hanging", nodes,
         [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", H, W, 3])],
         [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", D])],
         {"scale": np.float32(255), "red": np.int64(0), "blue": np.int64(2), "half": np.float32(0.5),
          "ever": np.int64(2**62), "never": np.int64(0), "yes": np.bool_(True)}, METADATA)


hanging()
