// VAT rates, to turn a price with VAT into one without, and back.
page 50117 "Cartage VAT Rates"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'vatRate';
    EntitySetName = 'vatRates';
    SourceTable = "VAT Posting Setup";
    ODataKeyFields = SystemId;
    Editable = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { }
                field(businessGroup; Rec."VAT Bus. Posting Group") { }
                field(productGroup; Rec."VAT Prod. Posting Group") { }
                field(percent; Percent) { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { }
            }
        }
    }

    var
        Percent: Decimal;

    // The buyer accounts for a reverse charge: no price holds it.
    trigger OnAfterGetRecord()
    begin
        Percent := Rec."VAT %";
        if Rec."VAT Calculation Type" = Rec."VAT Calculation Type"::"Reverse Charge VAT" then
            Percent := 0;
    end;
}
