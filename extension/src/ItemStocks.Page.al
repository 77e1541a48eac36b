// Stock by item, variant and location; available is the projected balance of today.
page 50121 "Cartage Item Stocks"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemStock';
    EntitySetName = 'itemStocks';
    SourceTable = "Cartage Item Stock";
    SourceTableTemporary = true;
    ODataKeyFields = Id;
    Editable = false;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.Id) { }
                field(itemId; Rec."Item Id") { }
                field(itemNumber; Rec."Item No.") { }
                field(variantId; Rec."Variant Id") { }
                field(variantCode; Rec."Variant Code") { }
                field(locationId; Rec."Location Id") { }
                field(locationCode; Rec."Location Code") { }
                field(inventory; Rec.Inventory) { }
                field(quantityOnSalesOrders; Rec."Qty. on Sales Orders") { }
                field(reservedQuantity; Rec."Reserved Quantity") { }
                field(reservedForShopify; Rec."Reserved for Shopify") { }
                field(available; Rec.Available) { }
                field(lastEntryNumber; Rec."Last Entry No.") { }
            }
        }
    }

    var
        Loaded: Boolean;

    trigger OnFindRecord(Which: Text): Boolean
    var
        ItemDetails: Codeunit "Cartage Item Details";
    begin
        if not Loaded then
            ItemDetails.LoadStocks(Rec);
        Loaded := true;
        exit(Rec.Find(Which));
    end;
}
