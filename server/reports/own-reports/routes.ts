import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ReportAmendArgs, ReportChanges } from '@halo/shapes/mutations/report-amend.ts';
import { REPORT_AMEND } from '@halo/shapes/mutations/report-amend.ts';
import { REPORT_CREATE } from '@halo/shapes/mutations/report-create.ts';
import type { ReportCreateArgs } from '@halo/shapes/mutations/report-create.ts';
import { REPORT_WITHDRAW } from '@halo/shapes/mutations/report-withdraw.ts';
import type { ReportWithdrawArgs } from '@halo/shapes/mutations/report-withdraw.ts';
import { reportChangedSchema, reportCreatedSchema } from '@halo/shapes/protocol/reports.ts';
import type { Caller, CallerEnv } from '../../auth/identity.ts';
import { HaloError } from '../../platform/errors.ts';
import { readPage } from '../../platform/keyset-page.ts';
import { createRouter } from '../../platform/router.ts';
import { applyRequest, NO_STORE } from '../rest-parts.ts';
import type { AppliedRequest, RestParts } from '../rest-parts.ts';
import { listOwnReports } from './own-store.ts';
import * as declared from './route-declaration.ts';

const CHANGES = 'changes.';

/** What a person does with his own reports, one mutation a request. */
export function ownReportRoutes(parts: RestParts): OpenAPIHono<CallerEnv> {
  const { pool, requireCaller, requireWriter } = parts;
  const router = createRouter<CallerEnv>();
  const create = async (caller: Caller, args: ReportCreateArgs, key: string) => {
    const applied = await applyRequest(parts, caller, REPORT_CREATE, args, key);
    const { result, txid, headers } = applied;
    return { answer: reportCreatedSchema.parse({ ...result, txid }), headers };
  };
  router.openapi(declared.createReportRoute(requireWriter), async (c) => {
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const { answer, headers } = await create(c.get('caller'), c.req.valid('json'), key);
    return c.json(answer, 201, headers);
  });
  router.openapi(declared.submitReportRoute(requireWriter), async (c) => {
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const { answer, headers } = await create(c.get('caller'), c.req.valid('json'), key);
    return c.json(answer, 201, headers);
  });
  router.openapi(declared.myReportsRoute(requireCaller), async (c) => {
    const { userId } = c.get('caller');
    const page = await readPage(c.req.valid('query'), ['my reports', userId], (after, limit) =>
      listOwnReports(pool, userId, after, limit),
    );
    return c.json({ reports: [...page.items], nextCursor: page.nextCursor }, 200, NO_STORE);
  });

  const amend = (caller: Caller, reportId: string, version: number, changes: ReportChanges, key?: string) => {
    const args: ReportAmendArgs = { reportId, version, changes };
    return applyRequest(parts, caller, REPORT_AMEND, args, key);
  };
  router.openapi(declared.patchReportRoute(requireWriter), async (c) => {
    const { version, changes } = c.req.valid('json');
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const applied = await amend(c.get('caller'), c.req.valid('param').id, version, changes, key);
    return c.json(changedOf(applied), 200, applied.headers);
  });
  router.openapi(declared.putReportRoute(requireWriter), async (c) => {
    const { version, ...changes } = c.req.valid('json');
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const applied = await amend(c.get('caller'), c.req.valid('param').id, version, changes, key).catch(
      fieldsAtTheTop,
    );
    return c.json(changedOf(applied), 200, applied.headers);
  });
  router.openapi(declared.withdrawReportRoute(requireWriter), async (c) => {
    const args: ReportWithdrawArgs = { reportId: c.req.valid('param').id };
    const { 'Idempotency-Key': key } = c.req.valid('header');
    const applied = await applyRequest(parts, c.get('caller'), REPORT_WITHDRAW, args, key);
    return c.json(changedOf(applied), 200, applied.headers);
  });
  return router;
}

/** The mutation has the changes in a member of their own, a PUT has them at the top. */
function fieldsAtTheTop(error: unknown): never {
  if (!(error instanceof HaloError) || error.field?.startsWith(CHANGES) !== true) throw error;
  const { code, message, status, hint, details, field } = error;
  throw new HaloError(code, message, {
    status,
    details,
    field: field.slice(CHANGES.length),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A report that was withdrawn is no incident's business. */
function changedOf({ result, txid }: AppliedRequest) {
  return reportChangedSchema.parse({ incidentId: null, ...result, txid });
}
