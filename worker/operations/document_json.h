/* document_json.h - a planned document as Business Central's API takes it. */
#ifndef CARTAGE_DOCUMENT_JSON_H
#define CARTAGE_DOCUMENT_JSON_H

#include "plan/order_plan.h"
#include "wire/json.h"

/* The body of POST salesOrders, salesInvoices or salesCreditMemos with its lines, members in the
 * order in which the page validates them; of POST orderImports, invoiceImports or creditMemoImports
 * where the company has the app in extension/. `with_tax_flag` = orders have pricesIncludeTax in
 * the company's metadata; invoices and credit memos never take it. `bill_to_id` "" = who is billed
 * is the customer, or whoever that customer has for it in the ERP. */
json *document_json(const struct order *order, const struct order_plan *plan,
                    const char *customer_id, const char *bill_to_id, bool with_tax_flag,
                    bool extension);

/* How many bytes of a text `most` letters (UTF-8) are. */
size_t document_cut(const char *text, size_t most);

/* The body of POST customers; a field that has nothing is left out. */
json *customer_json(const char *name, const struct party_names *party, const char *phone,
                    const char *email);

#endif
