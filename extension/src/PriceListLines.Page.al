// Lines of sales price lists. Prices for jobs and purchases are not shown.
page 50118 "Cartage Price List Lines"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'priceListLine';
    EntitySetName = 'priceListLines';
    SourceTable = "Price List Line";
    ODataKeyFields = SystemId;
    Editable = false;
    DelayedInsert = true;
    Extensible = false;

    SourceTableView = where("Price Type" = const(Sale), "Asset Type" = filter(" " | Item | "Item Discount Group"));

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { }
                field(priceListCode; Rec."Price List Code") { }
                field(lineNumber; Rec."Line No.") { }
                field(status; Rec.Status) { }
                field(assignTo; Rec."Source Type") { }
                field(assignToNumber; Rec."Source No.") { }
                field(assetType; Rec."Asset Type") { }
                field(assetNumber; Rec."Asset No.") { }
                field(itemId; ItemId) { }
                field(variantCode; Rec."Variant Code") { }
                field(unitOfMeasureCode; Rec."Unit of Measure Code") { }
                field(minimumQuantity; Rec."Minimum Quantity") { }
                field(currencyCode; Rec."Currency Code") { }
                field(amountType; Rec."Amount Type") { }
                field(unitPrice; Rec."Unit Price") { }
                field(lineDiscountPercent; Rec."Line Discount %") { }
                field(startingDate; Rec."Starting Date") { }
                field(endingDate; Rec."Ending Date") { }
                field(priceIncludesTax; Rec."Price Includes VAT") { }
                field(vatBusinessGroup; Rec."VAT Bus. Posting Gr. (Price)") { }
                field(allowLineDiscount; Rec."Allow Line Disc.") { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { }
            }
        }
    }

    var
        ItemId: Guid;

    trigger OnAfterGetRecord()
    var
        Item: Record Item;
    begin
        Clear(ItemId);
        if Rec."Asset Type" = Rec."Asset Type"::Item then
            if Item.Get(Rec."Asset No.") then
                ItemId := Item.SystemId;
    end;
}
