// Lint rules of this house that no package has.

/** `eslint-disable … -- why`: who switches a rule off says why, after two dashes. */
const disableWithReason = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { noReason: 'Say why the rule is switched off: eslint-disable-next-line some-rule -- reason.' },
  },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value)) {
          context.report({ loc: comment.loc, messageId: 'noReason' });
        }
      }
    },
  }),
};

export const houseRules = { rules: { 'disable-with-reason': disableWithReason } };
