// Draft credit memos, as "Cartage Order Imports" has orders: API v2.0 shows, changes and posts them under the same ids.
page 50105 "Cartage Credit Memo Imports"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'creditMemoImport';
    EntitySetName = 'creditMemoImports';
    SourceTable = "Sales Header";
    SourceTableView = where("Document Type" = const("Credit Memo"));
    ODataKeyFields = SystemId;
    ModifyAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { }
                field(number; Rec."No.") { }
                field(externalDocumentNumber; Rec."External Document No.") { }
                field(creditMemoDate; Rec."Document Date") { }
                field(postingDate; Rec."Posting Date") { }
                field(customerId; CustomerId)
                {
                    trigger OnValidate()
                    var
                        Customer: Record Customer;
                    begin
                        Customer.GetBySystemId(CustomerId);
                        Rec.Validate("Sell-to Customer No.", Customer."No.");
                    end;
                }
                field(customerNumber; Rec."Sell-to Customer No.") { }
                field(customerName; Rec."Sell-to Customer Name") { Editable = false; }
                field(billToCustomerId; BillToCustomerId)
                {
                    trigger OnValidate()
                    var
                        Customer: Record Customer;
                    begin
                        Customer.GetBySystemId(BillToCustomerId);
                        Rec.Validate("Bill-to Customer No.", Customer."No.");
                    end;
                }
                field(billToCustomerNumber; Rec."Bill-to Customer No.") { }
                field(billToName; Rec."Bill-to Name") { }
                field(sellToName2; Rec."Sell-to Customer Name 2") { }
                field(billToName2; Rec."Bill-to Name 2") { }
                field(sellToAddressLine1; Rec."Sell-to Address") { }
                field(sellToAddressLine2; Rec."Sell-to Address 2") { }
                field(sellToCity; Rec."Sell-to City") { }
                field(sellToCountry; Rec."Sell-to Country/Region Code") { }
                field(sellToState; Rec."Sell-to County") { }
                field(sellToPostCode; Rec."Sell-to Post Code") { }
                field(billToAddressLine1; Rec."Bill-to Address") { }
                field(billToAddressLine2; Rec."Bill-to Address 2") { }
                field(billToCity; Rec."Bill-to City") { }
                field(billToCountry; Rec."Bill-to Country/Region Code") { }
                field(billToState; Rec."Bill-to County") { }
                field(billToPostCode; Rec."Bill-to Post Code") { }
                field(shortcutDimension1Code; Rec."Shortcut Dimension 1 Code") { }
                field(shortcutDimension2Code; Rec."Shortcut Dimension 2 Code") { }
                field(currencyCode; CurrencyCode)
                {
                    trigger OnValidate()
                    var
                        GeneralLedgerSetup: Record "General Ledger Setup";
                    begin
                        GeneralLedgerSetup.Get();
                        if CurrencyCode = GeneralLedgerSetup."LCY Code" then
                            Rec.Validate("Currency Code", '')
                        else
                            Rec.Validate("Currency Code", CopyStr(CurrencyCode, 1, MaxStrLen(Rec."Currency Code")));
                    end;
                }
                field(pricesIncludeTax; Rec."Prices Including VAT") { }
                field(paymentTermsId; PaymentTermsId)
                {
                    trigger OnValidate()
                    var
                        PaymentTerms: Record "Payment Terms";
                    begin
                        PaymentTerms.GetBySystemId(PaymentTermsId);
                        Rec.Validate("Payment Terms Code", PaymentTerms.Code);
                    end;
                }
                field(shipmentMethodId; ShipmentMethodId)
                {
                    trigger OnValidate()
                    var
                        ShipmentMethod: Record "Shipment Method";
                    begin
                        ShipmentMethod.GetBySystemId(ShipmentMethodId);
                        Rec.Validate("Shipment Method Code", ShipmentMethod.Code);
                    end;
                }
                field(salesperson; Rec."Salesperson Code") { }
                field(totalAmountExcludingTax; Rec.Amount) { Editable = false; }
                field(totalAmountIncludingTax; Rec."Amount Including VAT") { Editable = false; }
                field(status; Status) { Editable = false; }
                field(phoneNumber; Rec."Sell-to Phone No.") { }
                field(email; Rec."Sell-to E-Mail") { }
                field(shopifyOrderId; Rec."Cartage Shopify Order Id") { }
                field(shopifyOrderNumber; Rec."Cartage Shopify Order No.") { }
                field(yourReference; Rec."Your Reference") { }
                field(paymentMethodCode; Rec."Payment Method Code") { }
                field(taxAreaCode; TaxAreaCode)
                {
                    trigger OnValidate()
                    begin
                        if UsesSalesTax() then
                            Rec.Validate("Tax Area Code", CopyStr(TaxAreaCode, 1, MaxStrLen(Rec."Tax Area Code")))
                        else
                            Rec.Validate("VAT Bus. Posting Group", CopyStr(TaxAreaCode, 1, MaxStrLen(Rec."VAT Bus. Posting Group")));
                    end;
                }
                field(taxLiable; Rec."Tax Liable") { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Editable = false; }
                part(lines; "Cartage Credit Memo Import Lines")
                {
                    EntityName = 'line';
                    EntitySetName = 'lines';
                    SubPageLink = "Document Type" = field("Document Type"), "Document No." = field("No.");
                }
            }
        }
    }

    var
        CustomerId, BillToCustomerId, PaymentTermsId, ShipmentMethodId : Guid;
        CurrencyCode, TaxAreaCode : Text;
        Status: Option Draft,"In Review",Open;

    trigger OnInsertRecord(BelowxRec: Boolean): Boolean
    begin
        // the client's own id: an insert that carries one is refused when there is such a credit memo already
        Rec.Insert(true, not IsNullGuid(Rec.SystemId));
        Rec.Modify(true);
        exit(false);
    end;

    trigger OnAfterGetRecord()
    var
        Customer: Record Customer;
        PaymentTerms: Record "Payment Terms";
        ShipmentMethod: Record "Shipment Method";
        GeneralLedgerSetup: Record "General Ledger Setup";
    begin
        ClearAll();
        if Customer.Get(Rec."Sell-to Customer No.") then
            CustomerId := Customer.SystemId;
        if Customer.Get(Rec."Bill-to Customer No.") then
            BillToCustomerId := Customer.SystemId;
        if PaymentTerms.Get(Rec."Payment Terms Code") then
            PaymentTermsId := PaymentTerms.SystemId;
        if ShipmentMethod.Get(Rec."Shipment Method Code") then
            ShipmentMethodId := ShipmentMethod.SystemId;
        GeneralLedgerSetup.Get();
        CurrencyCode := Rec."Currency Code";
        if CurrencyCode = '' then
            CurrencyCode := GeneralLedgerSetup."LCY Code";
        if UsesSalesTax() then
            TaxAreaCode := Rec."Tax Area Code"
        else
            TaxAreaCode := Rec."VAT Bus. Posting Group";
        case Rec.Status of
            Rec.Status::Open:
                Status := Status::Draft;
            Rec.Status::"Pending Approval":
                Status := Status::"In Review";
            else
                Status := Status::Open;
        end;
        Rec.CalcFields(Amount, "Amount Including VAT");
    end;

    local procedure UsesSalesTax(): Boolean
    var
        ApplicationAreaMgmtFacade: Codeunit "Application Area Mgmt. Facade";
    begin
        exit(ApplicationAreaMgmtFacade.IsSalesTaxEnabled());
    end;
}
