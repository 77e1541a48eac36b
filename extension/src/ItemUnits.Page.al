// The units of items, and how many base units are in one. A client may add one; what is there it leaves alone.
page 50114 "Cartage Item Units"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemUnit';
    EntitySetName = 'itemUnits';
    SourceTable = "Item Unit of Measure";
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
                field(code; Rec.Code) { }
                field(quantityPerUnit; Rec."Qty. per Unit of Measure") { }
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
