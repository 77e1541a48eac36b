// Rows that are made when they are asked for; nothing of it is stored.
table 50124 "Cartage Item Text"
{
    TableType = Temporary;

    fields
    {
        field(1; Id; Guid) { }
        field(2; "Item Id"; Guid) { }
        field(3; "Item No."; Code[20]) { }
        field(4; Kind; Option) { OptionMembers = Extended,Marketing; }
        field(5; "Language Code"; Code[10]) { }
        field(6; "Text No."; Integer) { }
        field(7; "Starting Date"; Date) { }
        field(8; "Ending Date"; Date) { }
        field(9; Content; Blob) { }
        field(10; "Modified At"; DateTime) { }
    }

    keys
    {
        key(PK; "Item No.", Kind, "Language Code", "Text No.") { Clustered = true; }
        key(ById; Id) { }
    }

    procedure SetText(Text: Text)
    var
        Out: OutStream;
    begin
        Content.CreateOutStream(Out, TextEncoding::UTF8);
        Out.Write(Text);
    end;

    procedure GetText() Text: Text
    var
        In: InStream;
        Line: Text;
        Lf: Text[1];
    begin
        Lf[1] := 10;
        Content.CreateInStream(In, TextEncoding::UTF8);
        while not In.EOS() do begin
            In.ReadText(Line);
            if Text <> '' then
                Text += Lf;
            Text += Line;
        end;
    end;
}
