// Items with what API v2.0 does not show of their card, and all that hangs on them.
page 50112 "Cartage Item Extras"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemExtra';
    EntitySetName = 'itemExtras';
    SourceTable = Item;
    ODataKeyFields = SystemId;
    InsertAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { Editable = false; }
                field(number; Rec."No.") { Editable = false; }
                field(displayName; Rec.Description) { Editable = false; }
                field(displayName2; Rec."Description 2") { Editable = false; }
                field(type; Rec.Type) { Editable = false; }
                field(categoryCode; Rec."Item Category Code") { Editable = false; }
                field(categoryName; CategoryName) { Editable = false; }
                field(blocked; Rec.Blocked) { Editable = false; }
                field(salesBlocked; Rec."Sales Blocked") { }
                field(gtin; Rec.GTIN) { Editable = false; }
                field(inventory; Rec.Inventory) { Editable = false; }
                field(unitPrice; Rec."Unit Price") { Editable = false; }
                field(priceIncludesTax; Rec."Price Includes VAT") { Editable = false; }
                field(unitCost; Rec."Unit Cost") { Editable = false; }
                field(taxGroupCode; Rec."Tax Group Code") { Editable = false; }
                field(vatProductGroup; Rec."VAT Prod. Posting Group") { Editable = false; }
                field(baseUnitOfMeasureCode; Rec."Base Unit of Measure") { Editable = false; }
                field(salesUnitOfMeasureCode; Rec."Sales Unit of Measure") { }
                field(grossWeight; Rec."Gross Weight") { }
                field(netWeight; Rec."Net Weight") { }
                field(tariffNumber; Rec."Tariff No.") { }
                field(countryOfOriginCode; Rec."Country/Region of Origin Code") { }
                field(vendorNumber; Rec."Vendor No.") { }
                field(vendorName; VendorName) { Editable = false; }
                field(vendorItemNumber; Rec."Vendor Item No.") { }
                field(itemDiscountGroup; Rec."Item Disc. Group") { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Editable = false; }
                part(variants; "Cartage Item Variant Extras")
                {
                    EntityName = 'variant';
                    EntitySetName = 'variants';
                    SubPageLink = "Item No." = field("No.");
                }
                part(units; "Cartage Item Units")
                {
                    EntityName = 'unit';
                    EntitySetName = 'units';
                    SubPageLink = "Item No." = field("No.");
                }
                part(references; "Cartage Item References")
                {
                    EntityName = 'reference';
                    EntitySetName = 'references';
                    SubPageLink = "Item No." = field("No.");
                }
                part(texts; "Cartage Item Texts")
                {
                    EntityName = 'text';
                    EntitySetName = 'texts';
                    SubPageLink = "Item No." = field("No.");
                }
                part(translations; "Cartage Item Translations")
                {
                    EntityName = 'translation';
                    EntitySetName = 'translations';
                    SubPageLink = "Item No." = field("No.");
                }
                part(attributes; "Cartage Item Attributes")
                {
                    EntityName = 'attribute';
                    EntitySetName = 'attributes';
                    SubPageLink = "Item No." = field("No.");
                }
                part(prices; "Cartage Price List Lines")
                {
                    EntityName = 'price';
                    EntitySetName = 'prices';
                    SubPageLink = "Asset Type" = const(Item), "Asset No." = field("No.");
                }
            }
        }
    }

    var
        CategoryName, VendorName: Text[100];

    trigger OnAfterGetRecord()
    var
        ItemCategory: Record "Item Category";
        Vendor: Record Vendor;
    begin
        CategoryName := '';
        VendorName := '';
        if ItemCategory.Get(Rec."Item Category Code") then
            CategoryName := ItemCategory.Description;
        if Vendor.Get(Rec."Vendor No.") then
            VendorName := Vendor.Name;
    end;
}
