// Release, reopen and posting of an order from outside. Posting commits.
codeunit 50100 "Cartage Order Actions"
{
    Access = Internal;

    procedure Release(var SalesHeader: Record "Sales Header")
    var
        ReleaseSalesDocument: Codeunit "Release Sales Document";
    begin
        ReleaseSalesDocument.PerformManualRelease(SalesHeader);
    end;

    procedure Reopen(var SalesHeader: Record "Sales Header")
    var
        ReleaseSalesDocument: Codeunit "Release Sales Document";
    begin
        ReleaseSalesDocument.PerformManualReopen(SalesHeader);
    end;

    /// <summary>Posts the quantities of the lines. A blank date (0D) leaves the document's own.</summary>
    procedure Post(var SalesHeader: Record "Sales Header"; Ship: Boolean; Invoice: Boolean; PostingDate: Date; DocumentDate: Date)
    begin
        SetDates(SalesHeader, PostingDate, DocumentDate);
        SalesHeader.Ship := Ship;
        SalesHeader.Invoice := Invoice;
        Codeunit.Run(Codeunit::"Sales-Post", SalesHeader);
    end;

    local procedure SetDates(var SalesHeader: Record "Sales Header"; PostingDate: Date; DocumentDate: Date)
    var
        ReleaseSalesDocument: Codeunit "Release Sales Document";
        WasReleased: Boolean;
    begin
        if (PostingDate = 0D) and (DocumentDate = 0D) then
            exit;
        // a foreign currency's rate hangs on the posting date: such a document is opened for the change
        WasReleased := (SalesHeader.Status = SalesHeader.Status::Released) and (SalesHeader."Currency Code" <> '') and (PostingDate <> 0D);
        if WasReleased then
            ReleaseSalesDocument.Reopen(SalesHeader);
        SalesHeader.SetHideValidationDialog(true);
        if PostingDate <> 0D then
            SalesHeader.Validate("Posting Date", PostingDate);
        if DocumentDate <> 0D then
            SalesHeader.Validate("Document Date", DocumentDate);
        SalesHeader.Modify(true);
        if WasReleased then
            ReleaseSalesDocument.Run(SalesHeader);
    end;
}
