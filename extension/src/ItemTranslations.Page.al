// Items' descriptions in other languages.
page 50116 "Cartage Item Translations"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemTranslation';
    EntitySetName = 'itemTranslations';
    SourceTable = "Item Translation";
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
                field(itemId; ItemId) { }
                field(itemNumber; Rec."Item No.") { }
                field(variantCode; Rec."Variant Code") { }
                field(languageCode; Rec."Language Code") { }
                field(description; Rec.Description) { }
                field(description2; Rec."Description 2") { }
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
        if Item.Get(Rec."Item No.") then
            ItemId := Item.SystemId;
    end;
}
