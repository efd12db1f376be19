import protobuf from 'protobufjs';

/**
 * The messages of ONNX's file format that a forecast's graph needs, with the field numbers of onnx.proto (IR version 8 and later;
 * onnx.ai/onnx/repo-docs/IR.html). A reader skips fields that it does not know, so the rest of the format may be left out.
 */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message StringStringEntryProto { string key = 1; string value = 2; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message TensorProto {
    repeated int64 dims = 1;
    int32 data_type = 2;
    repeated int64 int64_data = 7;
    string name = 8;
  }
  message AttributeProto {
    string name = 1;
    float f = 2;
    int64 i = 3;
    bytes s = 4;
    repeated float floats = 7;
    repeated int64 ints = 8;
    repeated bytes strings = 9;
    int32 type = 20;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    string name = 3;
    string op_type = 4;
    repeated AttributeProto attribute = 5;
    string domain = 7;
  }
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  message TensorShapeProto { repeated Dimension dim = 1; }
  message TensorType { int32 elem_type = 1; TensorShapeProto shape = 2; }
  message TypeProto { TensorType tensor_type = 1; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    string name = 2;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message ModelProto {
    int64 ir_version = 1;
    string producer_name = 2;
    GraphProto graph = 7;
    repeated OperatorSetIdProto opset_import = 8;
    repeated StringStringEntryProto metadata_props = 14;
  }`,
  { keepCase: true },
);

/** An ONNX file's outermost message. */
export const ModelProto = root.lookupType('ModelProto');
