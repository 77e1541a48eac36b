"""shape.py - a made order (generate.py) in the shape of schemas/shopify/orders-by-ids.graphql."""
from generate import NOTHING, less, plus, total
from money import text_of

PRODUCT = 8_100_000_000_000


def gid(kind, number):
    return f"gid://shopify/{kind}/{number}"


class Shape:
    def __init__(self, made):
        self.made = made
        self.digits = made.digits
        self.full = made.number % 3 == 0  # '12.50' or '12.5': both occur

    def money(self, amount):
        if self.made.same:
            text = {"amount": self.text(amount[0], self.digits[0])}
            return {"shopMoney": text, "presentmentMoney": text}
        return {"shopMoney": {"amount": self.text(amount[0], self.digits[0])},
                "presentmentMoney": {"amount": self.text(amount[1], self.digits[1])}}

    def text(self, units, digits):
        text = text_of(units, digits, shortest=not self.full)
        return text if "." in text else text + ".0"

    def taxes(self, taxes, amounts):
        return [{"title": title, "rate": rate / 1_000_000, "ratePercentage": rate / 10_000, "channelLiable": self.made.channel_pays,
                 "priceSet": self.money(amount)} for (title, rate), amount in zip(taxes, amounts)]

    def discounts(self, entry):
        return [{"allocatedAmountSet": self.money(amount)} for amount in entry.discounts]

    def line(self, line):
        is_goods = line.kind in ("product", "gift")
        number = line.id % 1000
        return {
            "id": gid("LineItem", line.id),
            "sku": f"SKU-{number}" if is_goods else None,
            "name": "Tip" if line.kind == "tip" else line.title,
            "title": "Tip" if line.kind == "tip" else line.title,
            "variantTitle": None,
            "vendor": "Maker" if is_goods else None,
            "quantity": line.quantity,
            "currentQuantity": line.left(),
            "unfulfilledQuantity": 0 if self.made.is_cash else line.left(),
            "requiresShipping": line.kind == "product",
            "taxable": bool(line.taxes),
            "isGiftCard": line.kind == "gift",
            "product": {"id": gid("Product", PRODUCT + number)} if is_goods else None,
            "variant": {"id": gid("ProductVariant", 10 * (PRODUCT + number)), "sku": f"SKU-{number}", "barcode": None}
            if is_goods else None,
            "customAttributes": [],
            "originalUnitPriceSet": self.money(line.price),
            "discountAllocations": self.discounts(line),
            "taxLines": self.taxes(line.taxes, line.amounts),
        }

    def shipping(self, line):
        return {
            "id": gid("ShippingLine", line.id), "code": line.title, "title": line.title, "source": "shopify",
            "isRemoved": line.removed,
            "originalPriceSet": self.money(line.price),
            "discountedPriceSet": self.money(less(line.price, total(line.discounts))),
            "discountAllocations": self.discounts(line),
            "taxLines": self.taxes(line.taxes, line.amounts),
        }

    def transaction(self, entry):
        return {
            "id": gid("OrderTransaction", entry["id"]), "kind": entry["kind"], "status": entry["status"],
            "gateway": entry["gateway"], "formattedGateway": entry["gateway"], "paymentId": None,
            "createdAt": "2026-11-02T09:00:00Z", "processedAt": "2026-11-02T09:00:00Z", "test": False,
            "manualPaymentGateway": False, "errorCode": None, "paymentDetails": None, "parentTransaction": None,
            "amountSet": self.money(entry["amount"]),
            "amountRoundingSet": self.money(entry["rounding"]) if entry["rounding"] != NOTHING else None,
        }

    def refund(self, number, refund):
        base = refund["id"] * 1000
        of = refund["return"]
        return {
            "id": gid("Refund", refund["id"]),
            "createdAt": "2026-11-05T09:00:00Z", "updatedAt": "2026-11-05T09:00:00Z", "note": None,
            "return": {"id": gid("Return", of["id"])} if of else None,
            "totalRefundedSet": self.money(refund["money"]),
            "refundLineItems": nodes([self.refund_line(base + i, e) for i, e in enumerate(refund["entries"])]),
            "refundShippingLines": nodes([{
                "id": gid("RefundShippingLine", base + 500 + i),
                "shippingLine": {"id": gid("ShippingLine", c["line"].id), "title": c["line"].title},
                "subtotalAmountSet": self.money(c["worth"]), "taxAmountSet": self.money(c["tax"]),
            } for i, c in enumerate(refund["carriage"])]),
            "orderAdjustments": nodes([] if refund["adjustment"] == NOTHING else [{
                "id": gid("OrderAdjustment", base + 900), "reason": "REFUND_DISCREPANCY",
                "amountSet": self.money(refund["adjustment"]), "taxAmountSet": self.money(NOTHING)}]),
            "transactions": nodes([self.transaction(entry) for entry in refund["transactions"]]),
        }

    def refund_line(self, number, entry):
        return {
            "id": gid("RefundLineItem", number), "quantity": entry["quantity"], "restockType": entry["restock"],
            "restocked": entry["restock"] != "NO_RESTOCK",
            "location": {"id": gid("Location", 70000001)} if entry["restock"] == "RETURN" else None,
            "lineItem": {"id": gid("LineItem", entry["line"].id)},
            "priceSet": self.money(entry["line"].price),
            "subtotalSet": self.money(entry["worth"]), "totalTaxSet": self.money(entry["tax"]),
        }

    def returned(self, of):
        return {
            "id": gid("Return", of["id"]), "name": of["name"], "status": "CLOSED", "totalQuantity": of["quantity"],
            "decline": None,
            "returnLineItems": nodes([{
                "id": gid("ReturnLineItem", of["id"] + 1), "quantity": of["quantity"], "refundableQuantity": 0,
                "refundedQuantity": of["quantity"], "returnReasonNote": "", "customerNote": None,
                "returnReasonDefinition": {"handle": "unwanted"},
                "fulfillmentLineItem": {"lineItem": {"id": gid("LineItem", of["line"].id)}},
                "withCodeDiscountedTotalPriceSet": self.money(of["worth"]),
            }]),
            "exchangeLineItems": nodes([{
                "id": gid("ExchangeLineItem", new.id), "quantity": new.quantity,
                "lineItems": [{"id": gid("LineItem", new.id)}],
            } for new in of["exchange"]]),
        }


def nodes(rows):
    return {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": rows}


def merged(made):
    """The order's own tax lines: one for each name and rate, with what sits on duties and fees."""
    found = {}
    for line in [*made.lines, *(line for line in made.shipping if not line.removed)]:
        for tax, amount in zip(line.taxes, line.amounts):
            found[tax] = plus(found.get(tax, NOTHING), amount)
    if made.hidden_tax != NOTHING:
        found[("Import", 200000)] = plus(found.get(("Import", 200000), NOTHING), made.hidden_tax)
    return list(found), list(found.values())


def shape_of(made):
    shape = Shape(made)
    money = shape.money
    staying = [line for line in made.shipping if not line.removed]
    goods = [line for line in made.lines if line.kind != "tip"]
    paid = total(t["amount"] for t in made.transactions if t["kind"] in ("SALE", "CAPTURE") and t["status"] == "SUCCESS")
    refunded = total(t["amount"] for t in made.transactions if t["kind"] == "REFUND" and t["status"] == "SUCCESS")
    refund_rounding = total(t["rounding"] for t in made.transactions if t["kind"] == "REFUND")
    discounts = plus(total(amount for line in [*made.lines, *staying] for amount in line.discounts), made.leftover)
    now_discounts = plus(total(amount for line in staying for amount in line.discounts), made.leftover)
    for line in made.lines:
        whole = total(line.discounts)
        if whole != NOTHING:
            now = made.value(line, line.left())
            now_discounts = plus(now_discounts, tuple(p * line.left() - v for p, v in zip(line.price, now)))
    subtotal = less(total(made.value(line, line.quantity) for line in goods), made.leftover)
    carriage = total(made.shipping_value(line) for line in staying)
    is_delivered = made.is_cash or made.number % 5 == 0
    returned = [shape.returned(of) for of in made.returns]
    return {
        "id": gid("Order", made.id), "legacyResourceId": str(made.id), "name": f"#{made.number + 1001}",
        "createdAt": "2026-11-02T09:00:00Z", "processedAt": "2026-11-02T09:00:00Z", "updatedAt": "2026-11-06T09:00:00Z",
        "cancelledAt": made.cancelled, "cancelReason": "CUSTOMER" if made.cancelled else None, "closed": False,
        "closedAt": None, "confirmed": True, "test": made.is_test, "edited": made.edited, "email": "buyer@example.com",
        "phone": None, "note": None, "poNumber": None, "tags": [], "sourceName": "pos" if made.is_cash else "web",
        "app": None, "taxesIncluded": made.included, "taxExempt": made.exempt, "dutiesIncluded": made.duties_included,
        "currencyCode": made.shop, "presentmentCurrencyCode": made.shown,
        "displayFinancialStatus": "PAID" if paid != NOTHING else "PENDING",
        "displayFulfillmentStatus": "FULFILLED" if is_delivered else "UNFULFILLED",
        "returnStatus": "RETURNED" if returned else "NO_RETURN",
        "fullyPaid": paid != NOTHING, "unpaid": paid == NOTHING,
        "paymentGatewayNames": sorted({t["gateway"] for t in made.transactions}), "discountCodes": [],
        "subtotalLineItemsQuantity": sum(line.quantity for line in goods),
        "currentSubtotalLineItemsQuantity": sum(line.left() for line in goods),
        "customAttributes": [],
        "customer": {"id": gid("Customer", 7300000000001), "firstName": "Ada", "lastName": "Buyer",
                     "defaultEmailAddress": {"emailAddress": "buyer@example.com"}, "defaultPhoneNumber": None},
        "purchasingEntity": {"company": {"id": gid("Company", 9001)}, "location": {"id": gid("CompanyLocation", 9002)},
                             "contact": {"id": gid("CompanyContact", 9003)}} if made.is_company else {},
         "displayAddress": None, "billingAddress": None, "shippingAddress": None,
        "retailLocation": None, "paymentTerms": None, "risk": {"recommendation": "NONE", "assessments": []},
        "subtotalPriceSet": money(subtotal), "totalShippingPriceSet": money(carriage),
        "totalDiscountsSet": money(discounts), "totalTaxSet": money(made.total_tax),
        "totalTipReceivedSet": money(total(made.value(line, 1) for line in made.lines if line.kind == "tip")),
        "totalPriceSet": money(made.total), "totalRefundedSet": money(refunded),
        "totalOutstandingSet": money(less(made.now_total, less(paid, refunded))),
        "currentTotalDiscountsSet": money(now_discounts), "currentTotalTaxSet": money(made.now_tax),
        "currentShippingPriceSet": money(made.now_shipping), "currentTotalPriceSet": money(made.now_total),
        "currentTotalDutiesSet": money(made.duties) if made.duties != NOTHING else None,
        "currentTotalAdditionalFeesSet": money(made.fees) if made.fees != NOTHING else None,
        "totalCashRoundingAdjustment": {"paymentSet": money(made.payment_rounding), "refundSet": money(refund_rounding)},
        "taxLines": shape.taxes(*merged(made)),
        "refunds": [shape.refund(i, refund) for i, refund in enumerate(made.refunds)],
        "returns": nodes(returned),
        "transactions": [shape.transaction(entry) for entry in made.transactions],
        "fulfillmentOrders": nodes([]),
        "shippingLines": nodes([shape.shipping(line) for line in made.shipping]),
        "lineItems": nodes([shape.line(line) for line in made.lines]),
    }
