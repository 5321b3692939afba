// Plural forms by the rules of a language (Unicode CLDR, through Intl.PluralRules).

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** Return a function from a number to its words; `#` in a form stands for the number. */
export function plural(language: string, forms: Forms): (count: number) => string {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count) => (forms[rules.select(count)] ?? forms.other).replace("#", numbers.format(count));
}
