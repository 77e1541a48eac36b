// Makes the rows of stocks, texts and attributes: of the one item that is filtered for, else of all.
codeunit 50125 "Cartage Item Details"
{
    procedure LoadStocks(var Stock: Record "Cartage Item Stock")
    var
        Entry: Record "Item Ledger Entry";
        Line: Record "Sales Line";
        Item: Record Item;
    begin
        if not FilteredItems(Item, Stock.GetFilter("Item No."), Stock.GetFilter("Item Id")) then
            exit;
        Item.SetRange(Type, Item.Type::Inventory);
        if Item.FindSet() then
            repeat
                Entry.SetCurrentKey("Item No.", Open, "Variant Code", "Location Code");
                Entry.SetRange("Item No.", Item."No.");
                Entry.SetRange(Open, true);
                if Entry.FindSet() then
                    repeat
                        AddPlace(Stock, Item, Entry."Variant Code", Entry."Location Code");
                    until Entry.Next() = 0;
                Line.SetRange("Document Type", Line."Document Type"::Order);
                Line.SetRange(Type, Line.Type::Item);
                Line.SetRange("No.", Item."No.");
                Line.SetFilter("Outstanding Qty. (Base)", '<>0');
                if Line.FindSet() then
                    repeat
                        AddPlace(Stock, Item, Line."Variant Code", Line."Location Code");
                    until Line.Next() = 0;
            until Item.Next() = 0;
    end;

    local procedure AddPlace(var Stock: Record "Cartage Item Stock"; Item: Record Item; VariantCode: Code[10]; LocationCode: Code[10])
    var
        Place: Record Item;
        ItemVariant: Record "Item Variant";
        Location: Record Location;
        Entry: Record "Item Ledger Entry";
        Found: Record "Cartage Item Stock" temporary;
        AvailableToPromise: Codeunit "Available to Promise";
    begin
        Found.Copy(Stock, true);
        Found.Reset();
        if Found.Get(Item."No.", VariantCode, LocationCode) then
            exit;
        Place.Get(Item."No.");
        Place.SetFilter("Variant Filter", '%1', VariantCode);
        Place.SetFilter("Location Filter", '%1', LocationCode);
        Place.CalcFields(Inventory, "Qty. on Sales Order", "Reserved Qty. on Inventory");
        Found.Init();
        Found.Id := IdOf(StrSubstNo('%1/%2/%3', Item."No.", VariantCode, LocationCode));
        Found."Item Id" := Item.SystemId;
        Found."Item No." := Item."No.";
        Found."Variant Code" := VariantCode;
        Found."Location Code" := LocationCode;
        if ItemVariant.Get(Item."No.", VariantCode) then
            Found."Variant Id" := ItemVariant.SystemId;
        if Location.Get(LocationCode) then
            Found."Location Id" := Location.SystemId;
        Found.Inventory := Place.Inventory;
        Found."Qty. on Sales Orders" := Place."Qty. on Sales Order";
        Found."Reserved Quantity" := Place."Reserved Qty. on Inventory";
        if Found."Reserved Quantity" <> 0 then
            Found."Reserved for Shopify" := ReservedForShopify(Item."No.", VariantCode, LocationCode);
        Place.SetRange("Date Filter", 0D, WorkDate());
        Found.Available := Place.Inventory + AvailableToPromise.CalcScheduledReceipt(Place) - AvailableToPromise.CalcGrossRequirement(Place);
        Entry.SetRange("Item No.", Item."No.");
        Entry.SetRange("Variant Code", VariantCode);
        Entry.SetRange("Location Code", LocationCode);
        if Entry.FindLast() then
            Found."Last Entry No." := Entry."Entry No.";
        Found.Insert();
    end;

    // Of what lies there: a reservation is a pair of entries, and the side of the stock is the positive one.
    local procedure ReservedForShopify(ItemNo: Code[20]; VariantCode: Code[10]; LocationCode: Code[10]) Sum: Decimal
    var
        Demand: Record "Reservation Entry";
        Supply: Record "Reservation Entry";
        Header: Record "Sales Header";
    begin
        Demand.SetRange("Item No.", ItemNo);
        Demand.SetRange("Variant Code", VariantCode);
        Demand.SetRange("Location Code", LocationCode);
        Demand.SetRange("Reservation Status", Demand."Reservation Status"::Reservation);
        Demand.SetRange("Source Type", Database::"Sales Line");
        Demand.SetRange("Source Subtype", Header."Document Type"::Order.AsInteger());
        Demand.SetRange(Positive, false);
        if Demand.FindSet() then
            repeat
                if Supply.Get(Demand."Entry No.", true) and (Supply."Source Type" = Database::"Item Ledger Entry") then
                    if Header.Get(Header."Document Type"::Order, Demand."Source ID") and (Header."Cartage Shopify Order No." <> '') then
                        Sum -= Demand."Quantity (Base)";
            until Demand.Next() = 0;
    end;

    procedure LoadTexts(var ItemText: Record "Cartage Item Text")
    var
        Header: Record "Extended Text Header";
        Item: Record Item;
        Texts: Record "Cartage Item Text" temporary;
    begin
        if not FilteredItems(Item, ItemText.GetFilter("Item No."), ItemText.GetFilter("Item Id")) then
            exit;
        Texts.Copy(ItemText, true);
        Texts.Reset();
        if Item.FindSet() then
            repeat
                Header.SetRange("Table Name", Header."Table Name"::Item);
                Header.SetRange("No.", Item."No.");
                if Header.FindSet() then
                    repeat
                        AddExtended(Texts, Item, Header);
                    until Header.Next() = 0;
                AddMarketing(Texts, Item);
            until Item.Next() = 0;
    end;

    local procedure AddExtended(var Texts: Record "Cartage Item Text"; Item: Record Item; Header: Record "Extended Text Header")
    var
        Line: Record "Extended Text Line";
        Whole: TextBuilder;
        Lf: Text[1];
    begin
        Lf[1] := 10;
        Line.SetRange("Table Name", Header."Table Name");
        Line.SetRange("No.", Header."No.");
        Line.SetRange("Language Code", Header."Language Code");
        Line.SetRange("Text No.", Header."Text No.");
        if Line.FindSet() then
            repeat
                if Whole.Length() > 0 then
                    Whole.Append(Lf);
                Whole.Append(Line.Text);
            until Line.Next() = 0;
        NewText(Texts, Item, Texts.Kind::Extended, Header.SystemId, Header.SystemModifiedAt);
        if not Header."All Language Codes" then
            Texts."Language Code" := Header."Language Code";
        Texts."Text No." := Header."Text No.";
        Texts."Starting Date" := Header."Starting Date";
        Texts."Ending Date" := Header."Ending Date";
        Texts.SetText(Whole.ToText());
        Texts.Insert();
    end;

    local procedure AddMarketing(var Texts: Record "Cartage Item Text"; Item: Record Item)
    var
        Stored: Record "Entity Text";
        EntityText: Codeunit "Entity Text";
        Content: Text;
    begin
        if not Stored.Get(CompanyName(), Database::Item, Item.SystemId, Stored.Scenario::"Marketing Text") then
            exit;
        Content := EntityText.GetText(Database::Item, Item.SystemId, Stored.Scenario::"Marketing Text");
        if Content = '' then
            exit;
        NewText(Texts, Item, Texts.Kind::Marketing, Stored.SystemId, Stored.SystemModifiedAt);
        Texts.SetText(Content);
        Texts.Insert();
    end;

    local procedure NewText(var Texts: Record "Cartage Item Text"; Item: Record Item; Kind: Option; Id: Guid; ModifiedAt: DateTime)
    begin
        Texts.Init();
        Texts.Id := Id;
        Texts."Item Id" := Item.SystemId;
        Texts."Item No." := Item."No.";
        Texts.Kind := Kind;
        Texts."Language Code" := '';
        Texts."Text No." := 0;
        Texts."Modified At" := ModifiedAt;
    end;

    procedure LoadAttributes(var ItemAttributes: Record "Cartage Item Attribute")
    var
        Mapping: Record "Item Attribute Value Mapping";
        Item: Record Item;
        Rows: Record "Cartage Item Attribute" temporary;
    begin
        if not FilteredItems(Item, ItemAttributes.GetFilter("Item No."), ItemAttributes.GetFilter("Item Id")) then
            exit;
        Rows.Copy(ItemAttributes, true);
        Rows.Reset();
        if Item.FindSet() then
            repeat
                Mapping.SetRange("Table ID", Database::Item);
                Mapping.SetRange("No.", Item."No.");
                if Mapping.FindSet() then
                    repeat
                        AddAttribute(Rows, Item, Mapping);
                    until Mapping.Next() = 0;
            until Item.Next() = 0;
    end;

    local procedure AddAttribute(var Rows: Record "Cartage Item Attribute"; Item: Record Item; Mapping: Record "Item Attribute Value Mapping")
    var
        Attribute: Record "Item Attribute";
        AttributeValue: Record "Item Attribute Value";
        Name: Record "Item Attribute Translation";
        Value: Record "Item Attr. Value Translation";
    begin
        if not Attribute.Get(Mapping."Item Attribute ID") or not AttributeValue.Get(Mapping."Item Attribute ID", Mapping."Item Attribute Value ID") then
            exit;
        InsertAttribute(Rows, Item, Mapping, Attribute, '', Attribute.Name, AttributeValue.Value);
        Name.SetRange("Attribute ID", Attribute.ID);
        if Name.FindSet() then
            repeat
                if Value.Get(Attribute.ID, AttributeValue.ID, Name."Language Code") then
                    InsertAttribute(Rows, Item, Mapping, Attribute, Name."Language Code", Name.Name, Value.Name)
                else
                    InsertAttribute(Rows, Item, Mapping, Attribute, Name."Language Code", Name.Name, AttributeValue.Value);
            until Name.Next() = 0;
    end;

    local procedure InsertAttribute(var Rows: Record "Cartage Item Attribute"; Item: Record Item; Mapping: Record "Item Attribute Value Mapping"; Attribute: Record "Item Attribute"; LanguageCode: Code[10]; Name: Text[250]; Value: Text[250])
    begin
        Rows.Init();
        Rows.Id := IdOf(StrSubstNo('%1/%2/%3', Item."No.", Attribute.ID, LanguageCode));
        Rows."Item Id" := Item.SystemId;
        Rows."Item No." := Item."No.";
        Rows."Attribute Id" := Attribute.ID;
        Rows."Language Code" := LanguageCode;
        Rows.Name := Name;
        Rows.Value := Value;
        Rows.Unit := CopyStr(Attribute."Unit of Measure", 1, MaxStrLen(Rows.Unit));
        Rows.Type := Attribute.Type;
        Rows.Blocked := Attribute.Blocked;
        Rows."Modified At" := Mapping.SystemModifiedAt;
        Rows.Insert();
    end;

    local procedure FilteredItems(var Item: Record Item; NumberFilter: Text; IdFilter: Text): Boolean
    begin
        if NumberFilter <> '' then
            Item.SetFilter("No.", NumberFilter);
        if IdFilter <> '' then
            Item.SetFilter(SystemId, IdFilter);
        exit(not Item.IsEmpty());
    end;

    // The same row has the same id whenever it is made: a page of a listing goes on behind it.
    local procedure IdOf(Name: Text) Id: Guid
    var
        CryptographyManagement: Codeunit "Cryptography Management";
        HashAlgorithm: Option MD5,SHA1,SHA256,SHA384,SHA512;
        Hash: Text;
    begin
        Hash := CryptographyManagement.GenerateHash(Name, HashAlgorithm::MD5);
        Evaluate(Id, StrSubstNo('{%1-%2-%3-%4-%5}', CopyStr(Hash, 1, 8), CopyStr(Hash, 9, 4), CopyStr(Hash, 13, 4), CopyStr(Hash, 17, 4), CopyStr(Hash, 21, 12)));
    end;
}
