// The lines of a posted shipment. A correction of an undone line points to the same line of the order.
page 50103 "Cartage Posted Shipment Lines"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'postedShipmentLine';
    EntitySetName = 'postedShipmentLines';
    SourceTable = "Sales Shipment Line";
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
                field(documentId; DocumentId) { }
                field(sequence; Rec."Line No.") { }
                field(orderSequence; Rec."Order Line No.") { }
                field(itemId; ItemId) { }
                field(variantId; VariantId) { }
                field(locationCode; Rec."Location Code") { }
                field(quantity; Rec.Quantity) { }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { }
            }
        }
    }

    var
        DocumentId, ItemId, VariantId : Guid;

    trigger OnAfterGetRecord()
    var
        Header: Record "Sales Shipment Header";
        Item: Record Item;
        ItemVariant: Record "Item Variant";
    begin
        Clear(DocumentId);
        Clear(ItemId);
        Clear(VariantId);
        if Header.Get(Rec."Document No.") then
            DocumentId := Header.SystemId;
        if Rec.Type <> Rec.Type::Item then
            exit;
        if Item.Get(Rec."No.") then
            ItemId := Item.SystemId;
        if ItemVariant.Get(Rec."No.", Rec."Variant Code") then
            VariantId := ItemVariant.SystemId;
    end;
}
