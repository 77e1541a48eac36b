// Item variants with what API v2.0 does not show of them.
page 50113 "Cartage Item Variant Extras"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemVariantExtra';
    EntitySetName = 'itemVariantExtras';
    SourceTable = "Item Variant";
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
                field(itemId; Rec."Item Id") { }
                field(itemNumber; Rec."Item No.") { }
                field(code; Rec.Code) { }
                field(description; Rec.Description) { }
                field(description2; Rec."Description 2") { }
                field(blocked; Rec.Blocked) { }
                field(salesBlocked; Rec."Sales Blocked") { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { }
            }
        }
    }
}
