// Attributes of items with their values, and their translations.
page 50120 "Cartage Item Attributes"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemAttribute';
    EntitySetName = 'itemAttributes';
    SourceTable = "Cartage Item Attribute";
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
                field(variantCode; Rec."Variant Code") { }
                field(attributeId; Rec."Attribute Id") { }
                field(languageCode; Rec."Language Code") { }
                field(name; Rec.Name) { }
                field(value; Rec.Value) { }
                field(unit; Rec.Unit) { }
                field(type; Rec.Type) { }
                field(blocked; Rec.Blocked) { }
                field(lastModifiedDateTime; Rec."Modified At") { }
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
            ItemDetails.LoadAttributes(Rec);
        Loaded := true;
        exit(Rec.Find(Which));
    end;
}
