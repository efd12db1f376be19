import { InferenceSession, Tensor } from 'onnxruntime-node';
import { HaloError } from '../platform/errors.ts';
import { INPUT, OUTPUT } from './model/write-onnx.ts';
import { TREE_INPUTS } from './training/learning-rows.ts';

/** Rows that are given to the runtime at once: their tensor of 40 numbers a row is 8 MB. */
const BATCH_ROWS = 50_000;

/** A loaded graph. Must be closed. */
export interface Graph {
  /** The expected counts of rows of `TREE_INPUTS` numbers. */
  run(rows: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Loads an ONNX file into the runtime. That it is whole has been looked at before (`modelOf`): what fails here is this machine's memory,
 * threads or library as likely as the file, and says nothing of the model on any other.
 *
 * @throws HaloError `onnx_runtime_failed`
 */
export async function openGraph(onnx: Uint8Array, threads: number): Promise<Graph> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(onnx, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new HaloError('onnx_runtime_failed', 'The ONNX runtime could not open a model.', { cause });
  }
  return {
    async run(rows) {
      const count = rows.length / TREE_INPUTS;
      const expected = new Float32Array(count);
      for (let from = 0; from < count; from += BATCH_ROWS) {
        const to = Math.min(count, from + BATCH_ROWS);
        const input = new Tensor('float32', rows.subarray(from * TREE_INPUTS, to * TREE_INPUTS), [
          to - from,
          TREE_INPUTS,
        ]);
        const output = await session.run({ [INPUT]: input });
        expected.set(output[OUTPUT]!.data as Float32Array, from);
      }
      return expected;
    },
    close: () => session.release(),
  };
}
