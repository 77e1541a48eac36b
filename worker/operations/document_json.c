/* document_json.c - header and lines of a sales order, an invoice or a credit memo.
 *
 * Texts are cut to what the fields hold: a name that is too long must not stop a sale. What refers
 * to another record (customer, item, account, currency, country) is never cut.
 */
#include "operations/document_json.h"

#include <string.h>

enum {
    NAME = 100,
    NAME_2 = 50,
    LINE_1 = 100,
    LINE_2 = 50,
    CITY = 30,
    POST_CODE = 20,
    STATE = 30,
    PHONE = 30,
    EMAIL = 80,
    REFERENCE = 35
};

size_t document_cut(const char *text, size_t most)
{
    size_t size = 0;
    for (size_t count = 0; text[size] && count < most; count++) {
        size++;
        while (((unsigned char)text[size] & 0xC0) == 0x80)
            size++;
    }
    return size;
}

/* Empty texts are left out. */
static void set_cut(json *object, const char *field, const char *text, size_t most)
{
    size_t size = document_cut(text, most);
    OWN_TEXT char *cut = mem_text_n(text, size);
    if (size > 0)
        json_set_text(object, field, cut);
}

static void set_address(json *object, const char *prefix, const struct party_names *party)
{
    const struct order_address *address = party->address;
    const struct {
        const char *field, *text;
        size_t most;
    } PARTS[] = {
        {"AddressLine1", address->address1, LINE_1   },
        {"AddressLine2", address->address2, LINE_2   },
        {"City",         address->city,     CITY     },
        {"Country",      address->country,  10       },
        {"State",        party->county,     STATE    },
        {"PostCode",     address->zip,      POST_CODE},
    };
    for (size_t i = 0; address->present && i < COUNT(PARTS); i++) {
        OWN_TEXT char *field = mem_printf("%s%s", prefix, PARTS[i].field);
        set_cut(object, field, PARTS[i].text, PARTS[i].most);
    }
}

/* Digits, blanks and + ( ) / . only: the field refuses letters. */
static void set_phone(json *object, const char *text)
{
    char phone[PHONE + 1];
    size_t size = 0;
    for (; *text && size < PHONE; text++)
        if (strchr("0123456789 +()/.", *text))
            phone[size++] = *text;
    phone[size] = 0;
    if (size > 0)
        json_set_text(object, "phoneNumber", phone);
}

static json *line_json(const struct plan_line *line)
{
    static const char *const TYPES[] = {
        [PLAN_ITEM] = "Item", [PLAN_ACCOUNT] = "Account", [PLAN_COMMENT] = "Comment"};
    json *object = json_new_object();
    json_set_text(object, "lineType", TYPES[line->kind]);
    if (*line->number)
        json_set_text(object, "lineObjectNumber", line->number);
    else if (line->kind == PLAN_ITEM)
        json_set_text(object, "itemId", line->item_id);
    if (*line->item_variant_id)
        json_set_text(object, "itemVariantId", line->item_variant_id);
    if (*line->unit)
        json_set_text(object, "unitOfMeasureCode", line->unit);
    if (*line->location_id)
        json_set_text(object, "locationId", line->location_id);
    if (*line->description)
        json_set_text(object, "description", line->description);
    if (line->kind == PLAN_COMMENT)
        return object;
    json_set_decimal(object, "quantity", line->quantity);
    json_set_decimal(object, "unitPrice", line->price);
    if (decimal_sign(line->discount) > 0)
        json_set_decimal(object, "discountAmount", line->discount);
    return object;
}

/* Terms go before the due date, which they would compute again. */
static void set_terms(json *object, const struct order *order, const struct order_plan *plan,
                      bool extension)
{
    if (*plan->payment_terms_id)
        json_set_text(object, "paymentTermsId", plan->payment_terms_id);
    if (*plan->shipment_method_id)
        json_set_text(object, "shipmentMethodId", plan->shipment_method_id);
    if (*plan->salesperson)
        json_set_text(object, "salesperson", plan->salesperson);
    if (plan->document != PLAN_INVOICE)
        return;
    if (*plan->due)
        json_set_text(object, "dueDate", plan->due);
    if (!extension) /* which calls it by its own name */
        set_cut(object, "customerPurchaseOrderReference", order->po_number, REFERENCE);
}

/* What API v2.0 lacks. The payment method comes after the terms, which may bring one of their own.
 */
static void set_extras(json *object, const struct order *order, const struct order_plan *plan)
{
    const struct {
        const char *field, *text;
    } TEXTS[] = {
        {"shopifyOrderId",           order->id           },
        {"shopifyOrderNumber",       order->name         },
        {"paymentMethodCode",        plan->payment_method},
        {"shippingAgentCode",        plan->shipping_agent},
        {"shippingAgentServiceCode", plan->agent_service },
        {"taxAreaCode",              plan->tax_area      },
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        if (*TEXTS[i].text)
            json_set_text(object, TEXTS[i].field, TEXTS[i].text);
    if (*plan->tax_area)
        json_set_bool(object, "taxLiable", plan->tax_liable);
    set_cut(object, "yourReference", order->po_number, REFERENCE);
    set_address(object, "billTo", &plan->bill_to);
    set_cut(object, "sellToName2", plan->sell_to.name_2, NAME_2);
    set_cut(object, "billToName2", plan->bill_to.name_2, NAME_2);
    if (plan->document != PLAN_CREDIT_MEMO)
        set_cut(object, "shipToName2", plan->ship_to.name_2, NAME_2);
}

static void set_ship_to(json *object, const struct party_names *ship_to)
{
    set_cut(object, "shipToName", ship_to->name, NAME);
    set_cut(object, "shipToContact", ship_to->contact, NAME);
}

json *document_json(const struct order *order, const struct order_plan *plan,
                    const char *customer_id, const char *bill_to_id, bool with_tax_flag,
                    bool extension)
{
    static const struct {
        const char *date, *lines;
    } NAMES[] = {
        [PLAN_ORDER] = {"orderDate",      "salesOrderLines"     },
        [PLAN_INVOICE] = {"invoiceDate",    "salesInvoiceLines"   },
        [PLAN_CREDIT_MEMO] = {"creditMemoDate", "salesCreditMemoLines"},
    };
    bool memo = plan->document == PLAN_CREDIT_MEMO;
    json *object = json_new_object(), *lines = json_new_array();
    if (extension && *plan->number) /* before anything that would draw one from the series */
        json_set_text(object, "number", plan->number);
    json_set_text(object, "externalDocumentNumber", plan->external);
    json_set_text(object, NAMES[plan->document].date, plan->date);
    json_set_text(object, "customerId", customer_id);
    if (*bill_to_id) /* after the customer, which brings his own, and before what comes with it */
        json_set_text(object, "billToCustomerId", bill_to_id);
    json_set_text(object, "currencyCode", plan->currency);
    if (with_tax_flag && plan->document == PLAN_ORDER)
        json_set_bool(object, "pricesIncludeTax", plan->prices_include_tax);
    if (!memo)
        set_ship_to(object, &plan->ship_to);
    set_address(object, "sellTo", &plan->sell_to);
    if (!memo)
        set_address(object, "shipTo", &plan->ship_to);
    set_phone(object, *order->phone ? order->phone : plan->sell_to.address->phone);
    set_cut(object, "email", order->email, EMAIL);
    set_terms(object, order, plan, extension);
    if (extension)
        set_extras(object, order, plan);
    for (size_t i = 0; i < plan->line_count; i++)
        json_add(lines, line_json(&plan->lines[i]));
    json_set(object, extension ? "lines" : NAMES[plan->document].lines, lines);
    return object;
}

json *customer_json(const char *name, const struct party_names *party, const char *phone,
                    const char *email)
{
    const struct order_address *address = party->address;
    bool is_company = *name && strcmp(name, address->company) == 0;
    json *object = json_new_object();
    set_cut(object, "displayName", name, NAME);
    json_set_text(object, "type", is_company ? "Company" : "Person");
    set_cut(object, "addressLine1", address->address1, LINE_1);
    set_cut(object, "addressLine2", address->address2, LINE_2);
    set_cut(object, "city", address->city, CITY);
    set_cut(object, "state", party->county, STATE);
    set_cut(object, "country", address->country, 10);
    set_cut(object, "postalCode", address->zip, POST_CODE);
    set_phone(object, phone);
    set_cut(object, "email", email, EMAIL);
    return object;
}
