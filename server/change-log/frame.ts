import { crc32 } from 'node:zlib';
import { HaloError } from '../platform/errors.ts';

/**
 * A segment is a sequence of frames: payload length (4 bytes, little endian), CRC-32 of kind and payload
 * (4 bytes), kind (1 byte), payload. A reader can tell a whole frame from a torn or damaged one.
 */
export const FRAME_KINDS = { header: 1, piece: 2, commit: 3, position: 4 } as const;
export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

const HEAD_BYTES = 9;
/** About the longest string that V8 makes, hence the largest piece (one huge row); a length beyond it is damage. */
export const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024;

/** The bytes of one frame. */
export function encodeFrame(kind: FrameKind, payload: Buffer): Buffer {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new HaloError(
      'change_too_large',
      `One change of ${payload.length} bytes is too large for the log.`,
    );
  }
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame[8] = kind;
  payload.copy(frame, HEAD_BYTES);
  frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
  return frame;
}

/** What stands at `offset` of `bytes`: a frame and where it ends, `partial` (more bytes needed), or `damaged`. */
export function decodeFrame(
  bytes: Buffer,
  offset: number,
): { frame: Frame; end: number } | 'partial' | 'damaged' {
  if (bytes.length - offset < HEAD_BYTES) return 'partial';
  const length = bytes.readUInt32LE(offset);
  if (length > MAX_PAYLOAD_BYTES) return 'damaged';
  const end = offset + HEAD_BYTES + length;
  if (end > bytes.length) return 'partial';
  const kind = bytes[offset + 8];
  if (crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32LE(offset + 4) || !isFrameKind(kind)) {
    return 'damaged';
  }
  return { frame: { kind, payload: bytes.subarray(offset + HEAD_BYTES, end) }, end };
}

function isFrameKind(kind: number | undefined): kind is FrameKind {
  return kind !== undefined && kind >= FRAME_KINDS.header && kind <= FRAME_KINDS.position;
}
