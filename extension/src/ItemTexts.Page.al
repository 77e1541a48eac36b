// Extended texts with their lines, and the marketing text.
page 50119 "Cartage Item Texts"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'itemText';
    EntitySetName = 'itemTexts';
    SourceTable = "Cartage Item Text";
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
                field(kind; Rec.Kind) { }
                field(languageCode; Rec."Language Code") { }
                field(textNumber; Rec."Text No.") { }
                field(startingDate; Rec."Starting Date") { }
                field(endingDate; Rec."Ending Date") { }
                field(text; TextOfIt) { }
                field(lastModifiedDateTime; Rec."Modified At") { }
            }
        }
    }

    var
        Loaded: Boolean;
        TextOfIt: Text;

    trigger OnFindRecord(Which: Text): Boolean
    var
        ItemDetails: Codeunit "Cartage Item Details";
    begin
        if not Loaded then
            ItemDetails.LoadTexts(Rec);
        Loaded := true;
        exit(Rec.Find(Which));
    end;

    trigger OnAfterGetRecord()
    begin
        TextOfIt := Rec.GetText();
    end;
}
