// Bar codes and vendors' numbers. A client may add one; what is there it leaves alone.
page 50115 "Cartage Item References"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemReference';
    EntitySetName = 'itemReferences';
    SourceTable = "Item Reference";
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
                field(id; Rec.SystemId) { Editable = false; }
                field(itemId; ItemId) { Editable = false; }
                field(itemNumber; Rec."Item No.") { }
                field(variantCode; Rec."Variant Code") { }
                field(unitOfMeasureCode; Rec."Unit of Measure") { }
                field(referenceType; Rec."Reference Type") { }
                field(referenceTypeNumber; Rec."Reference Type No.") { }
                field(referenceNumber; Rec."Reference No.") { }
                field(description; Rec.Description) { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Editable = false; }
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
        if Item.Get(Rec."Item No.") then
            ItemId := Item.SystemId;
    end;
}
