// The lines of an imported credit memo, as "Cartage Order Import Lines" has those of orders.
page 50107 "Cartage Credit Memo Import Lines"
{
    PageType = API;
    APIPublisher = 'cartage';
    APIGroup = 'shopify';
    APIVersion = 'v1.0';
    EntityName = 'creditMemoImportLine';
    EntitySetName = 'creditMemoImportLines';
    SourceTable = "Sales Line";
    ODataKeyFields = SystemId;
    ModifyAllowed = false;
    DeleteAllowed = false;
    DelayedInsert = true;
    AutoSplitKey = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId) { Editable = false; }
                field(documentId; DocumentId) { Editable = false; }
                field(sequence; Rec."Line No.") { Editable = false; }
                field(itemId; ItemId)
                {
                    trigger OnValidate()
                    var
                        Item: Record Item;
                    begin
                        Item.GetBySystemId(ItemId);
                        Rec.Validate(Type, Rec.Type::Item);
                        Rec.Validate("No.", Item."No.");
                    end;
                }
                field(accountId; AccountId)
                {
                    trigger OnValidate()
                    var
                        GLAccount: Record "G/L Account";
                    begin
                        GLAccount.GetBySystemId(AccountId);
                        Rec.Validate(Type, Rec.Type::"G/L Account");
                        Rec.Validate("No.", GLAccount."No.");
                    end;
                }
                field(lineType; LineType)
                {
                    trigger OnValidate()
                    begin
                        case LineType of
                            LineType::Account:
                                Rec.Validate(Type, Rec.Type::"G/L Account");
                            LineType::Item:
                                Rec.Validate(Type, Rec.Type::Item);
                            LineType::Resource:
                                Rec.Validate(Type, Rec.Type::Resource);
                            else
                                Rec.Validate(Type, Rec.Type::" ");
                        end;
                    end;
                }
                field(lineObjectNumber; Rec."No.") { }
                field(itemVariantId; ItemVariantId)
                {
                    trigger OnValidate()
                    var
                        ItemVariant: Record "Item Variant";
                    begin
                        ItemVariant.GetBySystemId(ItemVariantId);
                        if ItemVariant."Item No." <> Rec."No." then
                            Error(OtherItemErr);
                        Rec.Validate("Variant Code", ItemVariant.Code);
                    end;
                }
                field(locationId; LocationId)
                {
                    trigger OnValidate()
                    var
                        Location: Record Location;
                    begin
                        Location.GetBySystemId(LocationId);
                        Rec.Validate("Location Code", Location.Code);
                    end;
                }
                field(description; Rec.Description) { }
                field(description2; Rec."Description 2") { }
                field(unitOfMeasureCode; Rec."Unit of Measure Code") { }
                field(quantity; Rec.Quantity) { }
                field(unitPrice; Rec."Unit Price") { }
                field(discountAmount; Rec."Line Discount Amount") { }
                field(discountPercent; Rec."Line Discount %") { }
                field(taxCode; Rec."VAT Prod. Posting Group") { }
                field(shipmentDate; Rec."Shipment Date") { }
            }
        }
    }

    var
        LineType: Option Comment,Account,Item,Resource;
        DocumentId, ItemId, AccountId, ItemVariantId, LocationId : Guid;
        OtherItemErr: Label 'The item variant values do not match to a specific item variant of the item.';

    trigger OnAfterGetRecord()
    var
        SalesHeader: Record "Sales Header";
        Item: Record Item;
        GLAccount: Record "G/L Account";
        ItemVariant: Record "Item Variant";
        Location: Record Location;
    begin
        ClearAll();
        if SalesHeader.Get(Rec."Document Type", Rec."Document No.") then
            DocumentId := SalesHeader.SystemId;
        case Rec.Type of
            Rec.Type::"G/L Account":
                begin
                    LineType := LineType::Account;
                    if GLAccount.Get(Rec."No.") then
                        AccountId := GLAccount.SystemId;
                end;
            Rec.Type::Item:
                begin
                    LineType := LineType::Item;
                    if Item.Get(Rec."No.") then
                        ItemId := Item.SystemId;
                end;
            Rec.Type::Resource:
                LineType := LineType::Resource;
        end;
        if ItemVariant.Get(Rec."No.", Rec."Variant Code") then
            ItemVariantId := ItemVariant.SystemId;
        if Location.Get(Rec."Location Code") then
            LocationId := Location.SystemId;
    end;
}
