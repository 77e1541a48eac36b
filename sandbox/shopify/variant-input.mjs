// What the inputs of variants and inventory items have in common: which fields there are, what is wrong with them, what
// they become in the records. `report(path, message, code)` collects what is wrong.
import {FieldError} from './plan.mjs';

const AMOUNT_LIMIT = 10n ** 18n;
const SKU_LIMIT = 255;

/** A field that the schema knows and the sandbox does not, named by the mutation. */
export function onlyKnown(mutation, input, known) {
  for (const [name, value] of Object.entries(input))
    if (!known.has(name) && value !== null && value !== false)
      throw new FieldError('NOT_SIMULATED', `${mutation}: ${name} is not simulated`);
}

const ITEM_FIELDS = new Set(
  'cost countryCodeOfOrigin harmonizedSystemCode measurement provinceCodeOfOrigin requiresShipping sku tracked'.split(
    ' ',
  ),
);

const isAmount = text => /^-?\d+(\.\d+)?$/.test(text);

/** The bounds of an amount: `codes` are those of what is below zero and of what is out of reach. */
export function checkAmount(value, path, report, {label, below, above = 'INVALID_INPUT', plainAbove = false}) {
  if (value === undefined || value === null) return;
  const text = String(value);
  if (!isAmount(text)) return void report(path, `${label} is not a number`, above);
  if (text.startsWith('-') && Number(text) !== 0)
    return void report(path, `${label} must be greater than or equal to 0`, below);
  if (BigInt(text.replace(/^-|\..*$/g, '')) >= AMOUNT_LIMIT)
    report(path, `${plainAbove ? '' : `${label} `}must be less than ${AMOUNT_LIMIT}`, above);
}

/** Looks through an InventoryItemInput that stands at `path`. */
export function checkItem(mutation, input, path, report, codes) {
  if (!input) return;
  onlyKnown(`${mutation} of inventoryItem`, input, ITEM_FIELDS);
  checkAmount(input.cost, [...path, 'cost'], report, {label: 'Cost per item', ...codes});
  const tariff = tariffOf(input.harmonizedSystemCode);
  if (tariff && !/^\d{6,13}$/.test(tariff))
    report(
      [...path, 'harmonizedSystemCode'],
      'Harmonized system code must be a number between six and thirteen digits',
      codes.above ?? 'INVALID_INPUT',
    );
  const weight = input.measurement?.weight;
  if (weight && weight.value < 0)
    report(
      [...path, 'measurement', 'weight'],
      `Measurement weight value ${weight.value} ${UNITS[weight.unit]} must be >= 0 ${UNITS[weight.unit]}`,
      codes.above ?? 'INVALID_INPUT',
    );
  if ((input.sku?.length ?? 0) > SKU_LIMIT)
    report([...path, 'sku'], `Sku is too long (maximum is ${SKU_LIMIT} characters)`, 'TOO_LONG');
}

const UNITS = {GRAMS: 'g', KILOGRAMS: 'kg', OUNCES: 'oz', POUNDS: 'lb'};

/** Separators of a tariff number are not kept. */
const tariffOf = text => (text ? text.replace(/[.\s-]/g, '') : text);

/** The fields of an item's record that an InventoryItemInput sets; `sku` belongs to the variant. */
export function itemFields(input, catalogue) {
  if (!input) return {};
  const fields = {};
  for (const name of ['tracked', 'requiresShipping'])
    if (input[name] !== undefined && input[name] !== null) fields[name] = input[name];
  for (const name of ['countryCodeOfOrigin', 'provinceCodeOfOrigin'])
    if (input[name] !== undefined) fields[name] = input[name] || null;
  if (input.harmonizedSystemCode !== undefined)
    fields.harmonizedSystemCode = tariffOf(input.harmonizedSystemCode) || null;
  if (input.cost !== undefined) fields.cost = input.cost === null ? null : catalogue.money(input.cost);
  if (input.measurement?.weight) fields.weight = {...input.measurement.weight};
  return fields;
}

/** The fields of a variant's record that an input sets. */
export function variantFields(input, catalogue) {
  const fields = {};
  if (input.price !== undefined && input.price !== null) fields.price = catalogue.money(input.price);
  if (input.compareAtPrice !== undefined)
    fields.compareAtPrice = input.compareAtPrice === null ? null : catalogue.money(input.compareAtPrice);
  for (const name of ['barcode']) if (input[name] !== undefined) fields[name] = input[name] || null;
  for (const name of ['taxable', 'inventoryPolicy'])
    if (input[name] !== undefined && input[name] !== null) fields[name] = input[name];
  const sku = input.inventoryItem?.sku !== undefined ? input.inventoryItem.sku : input.sku;
  if (sku !== undefined) fields.sku = sku || null;
  return fields;
}

/**
 * The values of a variant by its optionValues: one per option of the product, in their order. `find(option, entry)`
 * answers the value or reports why there is none. What is wrong goes to `report` and null comes back.
 */
export function valuesOf(options, optionValues, path, report, {find, unknown, missing}) {
  const found = new Map();
  let isWhole = true;
  optionValues.forEach((entry, i) => {
    const option = options.find(row => (entry.optionId ? row.gid === entry.optionId : row.name === entry.optionName));
    const here = [...path, 'optionValues', i];
    if (!option) {
      report(here, 'Option does not exist', unknown);
      isWhole = false;
    } else if (found.has(option)) {
      report([...path, 'optionValues'], `Duplicated option name '${option.name}'`, 'INVALID_INPUT');
      isWhole = false;
    } else {
      const value = find(option, entry, here);
      if (!value) isWhole = false;
      found.set(option, value);
    }
  });
  if (!isWhole) return null;
  const lacking = options.filter(option => !found.has(option));
  if (lacking.length) {
    report(path, `You need to add option values for ${lacking.map(option => option.name).join(', ')}`, missing);
    return null;
  }
  return options.map(option => found.get(option));
}
